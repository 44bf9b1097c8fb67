"""Tokens in the admin: made, renamed, revoked and deleted. A secret is in one answer, and kept nowhere."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from todos.admin.entries import by_the_clock
from todos.admin.filters import OwnerFilter
from todos.admin.owned import OwnedAdmin
from todos.tokens import Token, TokenQuerySet, issue


@admin.register(Token)
class TokenAdmin(OwnedAdmin):
    """Tokens; once made, only the name of one can be changed, and that it is let in."""

    actions = ["revoke"]
    list_display = ["name", "owner", "scope", "state", "used", "ends", "made"]
    list_filter = [OwnerFilter]
    list_select_related = ["owner"]
    lookups = frozenset({"owner"})
    raw_id_fields = ["owner"]
    record = ["owner", "scope", "state", "used", "ends", "made", "revoked"]

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, token: Token) -> str:
        """Return when the token was last used, to the hour or so."""
        return by_the_clock(token.last_used_at)

    @admin.display(description="expires", ordering="expires_at")
    def ends(self, token: Token) -> str:
        """Return when the token expires."""
        return by_the_clock(token.expires_at)

    @admin.display(description="created", ordering="created_at")
    def made(self, token: Token) -> str:
        """Return when the token was made."""
        return by_the_clock(token.created_at)

    @admin.display
    def revoked(self, token: Token) -> str:
        """Return when the token was revoked."""
        return by_the_clock(token.revoked_at)

    @admin.action(permissions=["change"], description="Revoke")
    def revoke(self, request: HttpRequest, queryset: TokenQuerySet) -> None:
        """Let tokens in no more, from this moment on."""
        tokens = list(queryset.filter(revoked_at=None))
        number = queryset.revoke()
        LogEntry.objects.log_actions(request.user.pk, tokens, CHANGE, "Revoked.")  # type: ignore[arg-type]
        self.message_user(request, f"Revoked: {number} of the ticked tokens.", messages.SUCCESS)

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> Any:
        """Return what is chosen when a token is made; afterwards its name, and what is known of it."""
        if obj is None:
            return [*(["owner"] if request.user.is_superuser else []), "name", "scope", "expires_at"]
        return ["name", *self.record]

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> list[str]:
        """Return what is shown only: who has a token may do what it was made for."""
        return self.record if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Suggest the user as the owner."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the token, for the user where no owner could be chosen; or write its new name."""
        if change:
            obj.save(update_fields=["name"])
            return
        owner = obj.owner if "owner" in form.cleaned_data else request.user
        token, obj.secret = issue(owner, obj.name, obj.scope, obj.expires_at)
        obj.__dict__.update(token.__dict__)

    def response_add(self, request: HttpRequest, obj: Any, *_: Any) -> HttpResponse:
        """Show the secret in this answer: a message would be kept in a cookie, and a page could be opened again."""
        context = {**self.admin_site.each_context(request), "title": "Token made", "opts": self.opts, "token": obj}
        return TemplateResponse(request, "admin/todos/token/secret.html", context)
