"""The forms of the admin: what a browser sends, read as the API reads JSON."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.widgets import (
    AdminIntegerFieldWidget,
    AdminSplitDateTime,
    AdminTextareaWidget,
    AdminTextInputWidget,
)
from django.core.exceptions import ValidationError
from django.utils import timezone

from todos.fields import dump, load, validate_tags
from todos.models import Tag, TodoEntry
from todos.moments import start_of


class LinesField(forms.CharField):
    """Text of several lines: a browser ends each with CR LF, whatever it was given, and that is no change."""

    widget = AdminTextareaWidget

    def to_python(self, value: Any) -> str:
        """Return the text with LF at the end of each line."""
        return re.sub("\r\n?", "\n", super().to_python(value) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether more than the ends of lines has changed."""
        return super().has_changed(self.to_python(initial), data)


class TagNamesField(forms.Field):
    """Names of tags with commas between; a name holds no comma."""

    widget = AdminTextInputWidget
    default_validators = [validate_tags]

    def prepare_value(self, value: Any) -> Any:
        """Return the names as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the list of names."""
        return [name.strip() for name in (value or "").split(",") if name.strip()]


class DueWidget(AdminSplitDateTime):
    """A day, and a time that may be left out."""

    def decompress(self, value: Any) -> Any:
        """Return the day and the time by the clock on the wall."""
        if isinstance(value, datetime):
            value = start_of(value, timezone.get_current_timezone())
            return [value.date(), value.time()]
        return [value, None]


class DueField(forms.MultiValueField):
    """Nothing, a day, or a day and a time in TODO_APP_TIME_ZONE."""

    widget = DueWidget

    def __init__(self, **options: Any) -> None:
        day = forms.DateField(error_messages={"incomplete": "A time needs a day."})
        super().__init__(fields=(day, forms.TimeField(required=False)), require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> date | datetime | None:
        """Return the day or the moment."""
        day, time = data_list or (None, None)
        if day is None or time is None:
            return day
        wall = datetime.combine(day, time)
        try:
            moment = wall.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)
            if timezone.make_naive(moment) == wall:
                return moment
        except OverflowError:
            pass
        raise ValidationError(f"There is no {wall:%H:%M} on that day in {timezone.get_current_timezone_name()}.")


class ExtraField(forms.Field):
    """A JSON object."""

    def prepare_value(self, value: Any) -> Any:
        """Return the value as JSON."""
        return value if isinstance(value, str) else dump(value)

    def to_python(self, value: Any) -> Any:
        """Return the object, read as strictly as the body of a request, in which it lies one level deep."""
        return load(value, depth=1) if value else {}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether anything has changed, the order of names included."""
        try:
            return dump(initial) != dump(self.to_python(data))
        except ValidationError:
            return True


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """One entry, and the revision at which it was shown."""

    content = LinesField(widget=AdminTextareaWidget({"rows": 2}), help_text="What is to be done.")
    tags = TagNamesField(required=False, help_text="Names with commas between; / makes a hierarchy: home/garden.")
    due = DueField(required=False, help_text="A day; the time may be left out.")
    completed = forms.BooleanField(required=False)
    notes = LinesField(required=False, strip=False)
    extra = ExtraField(
        required=False,
        initial=dict,
        widget=AdminTextareaWidget({"rows": 3}),
        help_text="A JSON object of up to 16 KiB.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = TodoEntry
        fields = ["owner", "content", "priority", "position", "notes", "extra"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        entry = self.instance
        if entry.pk:
            shown = {"tags": entry.tag_names, "due": entry.due, "completed": bool(entry.completed_at)}
            self.initial.update(shown, version=entry.revision)

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what the user has not seen."""
        if self.instance.pk:
            self.refuse_stale(self.instance)
        return self.cleaned_data

    def refuse_stale(self, entry: TodoEntry) -> None:
        """Raise a ValidationError if the entry has changed since it was shown."""
        if self.cleaned_data.get("version") != entry.revision:
            raise ValidationError(
                "This entry has been changed since you opened it. Open it again and repeat your change."
            )


class EntryRowForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fields of one line of the list, each with the value that was shown."""

    class Meta:
        model = TodoEntry
        fields = ["priority", "position"]
        widgets = {"position": AdminIntegerFieldWidget}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            # So that "changed" means changed by this user, not by somebody else meanwhile.
            field.show_hidden_initial = True

    def refuse_stale(self, entry: TodoEntry) -> None:
        """Raise a ValidationError if a field that the user changed has another value than was shown."""
        for name in self.changed_data:
            shown = self.fields[name].to_python(self.data.get(self.add_initial_prefix(name)))
            if shown != getattr(entry, name):
                raise ValidationError(
                    f"The {name} of “{entry}” has been changed since the list was shown: "
                    f"it was {shown}, and is {getattr(entry, name)} now."
                )


class EntryActionForm(ActionForm):
    """The choice of an action, and the tag for the one that adds it."""

    tag = forms.CharField(required=False, label="Tag:", widget=forms.TextInput({"size": 12}))


class TagForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new name for a tag."""

    merge = forms.BooleanField(
        required=False, help_text="Needed if the new name is taken: the two tags become one, which cannot be undone."
    )

    class Meta:
        model = Tag
        fields = ["name"]
        help_texts = {"name": "Tags inside this one are renamed too. Up to 100 characters; / makes a hierarchy."}

    def clean(self) -> dict[str, Any]:
        """Ask before two tags become one."""
        new, old = self.cleaned_data.get("name"), self.initial["name"]
        if new and not self.cleaned_data["merge"]:
            owned = Tag.objects.owned_by(self.instance.owner_id)
            moving = owned.named(old) | owned.inside(old)
            taken = (owned.named(new) | owned.inside(new)).exclude(pk__in=moving.values("pk"))
            if name := taken.values_list("name", flat=True).first():
                self.add_error("merge", f"There is a tag {name!r} already; tick this to make the two one.")
        return self.cleaned_data
