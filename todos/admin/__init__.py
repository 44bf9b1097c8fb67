"""The admin: entries, tags and tokens, by the rules of the API. Writes pass the writer, or the models' own methods."""

from django.contrib import admin

from todos.admin.entries import EntryAdmin
from todos.admin.login import LoginForm
from todos.admin.tags import TagAdmin
from todos.admin.tokens import TokenAdmin

__all__ = ["EntryAdmin", "TagAdmin", "TokenAdmin"]

admin.site.site_header = admin.site.site_title = "Todo store"
admin.site.login_form = LoginForm
