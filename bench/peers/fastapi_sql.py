"""A todo service as the documentation of FastAPI and SQLAlchemy teaches to write one.

Plain functions with a session each, run in FastAPI's threads: with SQLite they are faster than `async` ones.
`python -m bench.peers.fastapi_sql FOLDER` fills its database.
"""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    or_,
    select,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload, sessionmaker

PAGE = 50

# --- Database --------------------------------------------------------------------------------------------------------

URL = os.environ.get("DATABASE_URL", "").replace("postgres://", "postgresql+psycopg://")
SQLITE = not URL
if SQLITE:
    URL = f"sqlite:///{os.environ['PEER_FOLDER']}/todos.sqlite3"
engine = create_engine(URL, connect_args={"check_same_thread": False, "timeout": 4} if SQLITE else {})
# Nothing is computed by the database, so nothing has to be read again after a commit.
Sessions = sessionmaker(engine, expire_on_commit=False)

if SQLITE:

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, record: Any) -> None:
        """Set the pragmas that all have."""
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the database UTC."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Say that it is UTC."""
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables."""


class User(Base):
    """An owner."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(150), unique=True)


class Token(Base):
    """What a user comes in with."""

    __tablename__ = "tokens"
    key: Mapped[str] = mapped_column(String(45), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


todo_tags = Table(
    "todo_tags",
    Base.metadata,
    Column("todo_id", ForeignKey("todos.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True, index=True),
)


class Tag(Base):
    """A tag."""

    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class Todo(Base):
    """A thing to do."""

    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    content: Mapped[str] = mapped_column(String(2000))
    notes: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None] = mapped_column(Moment)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=now)
    tags: Mapped[list[Tag]] = relationship(secondary=todo_tags)

    __table_args__ = (Index("todo_by_id", "owner_id", "id"), Index("todo_by_creation", "owner_id", "created_at"))


# --- JSON ------------------------------------------------------------------------------------------------------------


class TodoIn(BaseModel):
    """A todo to create."""

    content: Annotated[str, Field(min_length=1, max_length=2000)]
    notes: Annotated[str, Field(max_length=20_000)] = ""
    tags: Annotated[list[str], Field(max_length=50)] = []
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    due: datetime | None = None
    position: int = 0
    completed_at: datetime | None = None


class TodoOut(BaseModel):
    """A todo as it is answered."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    content: str
    notes: str
    tags: list[str]
    priority: int
    due: datetime | None
    position: int
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @field_validator("tags", mode="before")
    @classmethod
    def names(cls, tags: list[Tag]) -> list[str]:
        """Return the names of tags."""
        return [tag.name for tag in tags]


class TodoPage(BaseModel):
    """Some todos, and the cursor of those that follow."""

    next: int | None
    results: list[TodoOut]


# --- HTTP ------------------------------------------------------------------------------------------------------------

app = FastAPI()
bearer = HTTPBearer()


def get_session() -> Iterator[Session]:
    """Give a request a session."""
    with Sessions() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_owner(session: SessionDep, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> User:
    """Return the user of the token."""
    owner = session.scalar(select(User).join(Token).where(Token.key == credentials.credentials))
    if owner is None:
        raise HTTPException(401, "The token is not known.")
    return owner


OwnerDep = Annotated[User, Depends(get_owner)]


@app.get("/todos/{todo_id}")
def read_todo(todo_id: int, session: SessionDep, owner: OwnerDep) -> TodoOut:
    """Read a todo."""
    wanted = select(Todo).where(Todo.id == todo_id, Todo.owner_id == owner.id).options(selectinload(Todo.tags))
    todo = session.scalar(wanted)
    if todo is None:
        raise HTTPException(404, "There is no such todo.")
    return TodoOut.model_validate(todo)


@app.get("/todos/")
def list_todos(
    session: SessionDep,
    owner: OwnerDep,
    search: str = "",
    created_before: datetime | None = None,
    cursor: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> TodoPage:
    """List todos, the newest first."""
    wanted = select(Todo).where(Todo.owner_id == owner.id).options(selectinload(Todo.tags))
    for word in search.split():
        # LIKE of SQLite compares letters of ASCII without case, that of PostgreSQL does not.
        columns = (Todo.content, Todo.notes)
        if SQLITE:
            wanted = wanted.where(or_(*(column.contains(word, autoescape=True) for column in columns)))
        else:
            wanted = wanted.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if created_before is not None:
        wanted = wanted.where(Todo.created_at < created_before)
    if cursor is not None:
        wanted = wanted.where(Todo.id < cursor)
    todos = session.scalars(wanted.order_by(Todo.id.desc()).limit(limit + 1)).all()
    following = todos[limit - 1].id if len(todos) > limit else None
    return TodoPage(next=following, results=[TodoOut.model_validate(todo) for todo in todos[:limit]])


@app.post("/todos/", status_code=201)
def create_todo(body: TodoIn, session: SessionDep, owner: OwnerDep, response: Response) -> TodoOut:
    """Create a todo."""
    tags = list(session.scalars(select(Tag).where(Tag.name.in_(body.tags)))) if body.tags else []
    known = {tag.name for tag in tags}
    tags += [Tag(name=name) for name in dict.fromkeys(body.tags) if name not in known]
    todo = Todo(owner_id=owner.id, tags=tags, **body.model_dump(exclude={"tags"}))
    session.add(todo)
    session.commit()
    response.headers["Location"] = f"/todos/{todo.id}"
    return TodoOut.model_validate(todo)


# --- Data ------------------------------------------------------------------------------------------------------------


def fill(folder: Path) -> None:
    """Take entries and token from the folder."""
    Base.metadata.create_all(engine)
    lines = [json.loads(line) for line in (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines()]
    with Sessions() as session:
        owners = {name: User(name=name) for name in dict.fromkeys(line["owner"] for line in lines)}
        tags = {name: Tag(name=name) for name in dict.fromkeys(name for line in lines for name in line["tags"])}
        session.add_all([*owners.values(), *tags.values()])
        session.flush()
        moments = ("due", "completed_at", "created_at", "updated_at")
        for line in lines:
            plain = {name: line[name] for name in ("content", "notes", "priority", "position")}
            times = {name: line[name] and datetime.fromisoformat(line[name]) for name in moments}
            number, owner = line["number"], owners[line["owner"]].id
            of_todo = [tags[name] for name in line["tags"]]
            session.add(Todo(id=number, owner_id=owner, tags=of_todo, **plain, **times))
        secret = json.loads((folder / "tokens.json").read_text(encoding="utf-8"))[0]
        session.add(Token(key=secret, user_id=owners["local"].id))
        session.flush()
        if not SQLITE:
            session.execute(text("SELECT setval('todos_id_seq', (SELECT MAX(id) FROM todos))"))
        session.execute(text("ANALYZE"))
        session.commit()


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
