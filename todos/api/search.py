"""How a query is understood."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todos.api.errors import bad_query
from todos.api.filters import check_parameters
from todos.api.values import QUERY
from todos.search import QueryError, outline, parse


class ExplanationSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A query as it was understood."""

    query = serializers.CharField(help_text="The query in its plainest spelling; it means the same.")
    tree = serializers.DictField(help_text="`and`, `or` and `not` hold terms; times are moments in the time zone.")


class ExplainView(APIView):
    """The tree of a query."""

    @extend_schema(
        operation_id="search_explain",
        parameters=[OpenApiParameter("q", QUERY, description="The query; docs/search.md has the language.")],
        responses=ExplanationSerializer,
    )
    def get(self, request: Request) -> Response:
        """Show how a query is understood; asks no question of the database."""
        check_parameters(request, {"q"})
        try:
            tree = parse(request.query_params.get("q", ""))
        except QueryError as error:
            raise bad_query("q", error) from None
        return Response({"query": str(tree), "tree": outline(tree, timezone.localtime())})
