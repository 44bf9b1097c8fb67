"""The admin: entries and tags, by the rules of the API. Every write passes the writer, or the model's own methods."""

from django.contrib import admin

from todos.admin.entries import EntryAdmin
from todos.admin.tags import TagAdmin

__all__ = ["EntryAdmin", "TagAdmin"]

admin.site.site_header = admin.site.site_title = "Todo store"
