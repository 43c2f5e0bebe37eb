"""API keys over HTTP: their owners make, see, rotate and revoke them."""

from datetime import timedelta
from operator import attrgetter
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cardgen.access.keys.making import (
    DEFAULT_SCOPES,
    MOST_OVERLAP,
    KeyOrder,
    Made,
    create_key,
    keys_of,
    revoke_keys,
    rotate_key,
)
from cardgen.access.models import LONGEST_KEY_NAME, MOST_ADDRESSES, ApiKey
from toolkit.actor import actor_of
from toolkit.requests import ChoiceField, PlainNumberField, StrictSerializer, WholeNumberField
from toolkit.rights import Right
from toolkit.views import asked, caller, checked, cut, next_url

_HOUR = 3600
_NO_STORE = {"Cache-Control": "no-store"}
_MAX_ID = 2**63 - 1


class KeyOrderSerializer(StrictSerializer):
    """A key to make."""

    name = serializers.CharField(max_length=LONGEST_KEY_NAME, help_text="what it is for")
    scopes = serializers.ListField(
        child=ChoiceField([right.value for right in Right]),
        default=sorted(DEFAULT_SCOPES),
        help_text="rights that it may use, of those that you have",
    )
    networks = serializers.ListField(
        child=serializers.CharField(max_length=43),
        default=list,
        max_length=MOST_ADDRESSES,
        help_text="addresses that it may be used from, such as 10.0.0.0/8; none: all",
    )
    expires_at = serializers.DateTimeField(default=None, allow_null=True)

    def order(self) -> KeyOrder:
        """Return what is asked for."""
        asked = self.validated_data
        scopes = frozenset(map(Right, asked["scopes"]))
        return KeyOrder(**asked | {"scopes": scopes, "networks": tuple(asked["networks"])})


class RotationSerializer(StrictSerializer):
    """How long the old key works on."""

    overlap_hours = WholeNumberField(
        min_value=0, max_value=int(MOST_OVERLAP.total_seconds()) // _HOUR, default=24
    )


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key, without the key."""

    class Meta:
        model = ApiKey
        fields: ClassVar = [
            *("id", "name", "prefix", "scopes", "networks", "rotated_from", "created_at"),
            *("expires_at", "revoked_at", "suspended_at", "throttled_at"),
            *("last_used_at", "last_used_from"),
        ]


class NewKeySerializer(KeySerializer):
    """A new key; `key` is shown this once."""

    key = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields: ClassVar = [*KeySerializer.Meta.fields, "key"]


class KeyListSerializer(serializers.Serializer[Any]):
    """All keys of the caller."""

    results = KeySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class KeyQuery(StrictSerializer):
    """Query of the keys."""

    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="keys in a page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=1, max_value=_MAX_ID, default=_MAX_ID, help_text="from `next` of the page before"
    )


class KeysView(APIView):
    """The caller's keys."""

    @extend_schema(operation_id="keys", parameters=[KeyQuery], responses=KeyListSerializer)
    def get(self, request: Request) -> Response:
        """List the caller's API keys, the newest first; none shows the key itself."""
        query = asked(request, KeyQuery)
        found = keys_of(caller(request)).filter(id__lt=query["after"])[: query["limit"] + 1]
        page = cut(list(found), limit=query["limit"], cursor=attrgetter("pk"))
        rows = KeySerializer(page.rows, many=True).data
        return Response({"results": rows, "next": next_url(request, page.after)})

    @extend_schema(
        operation_id="keys_make", request=KeyOrderSerializer, responses={201: NewKeySerializer}
    )
    def post(self, request: Request) -> Response:
        """Make an API key. It may do no more than you may, by the key that you send."""
        wanted = KeyOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = create_key(user=caller(request), order=wanted.order(), actor=actor_of(request))
        return _shown(made)


@extend_schema(parameters=[OpenApiParameter("key_id", int, "path")])
class KeyView(APIView):
    """One key."""

    @extend_schema(operation_id="key", responses=KeySerializer)
    def get(self, request: Request, key_id: int) -> Response:
        """Show one of the caller's keys."""
        return Response(KeySerializer(_own(request, key_id)).data)

    @extend_schema(operation_id="key_revoke", responses={204: None})
    def delete(self, request: Request, key_id: int) -> Response:
        """Revoke a key at once; what it began ends within a minute."""
        key = _own(request, key_id)
        revoke_keys(ApiKey.objects.filter(pk=key.pk), actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@extend_schema(parameters=[OpenApiParameter("key_id", int, "path")])
class RotateView(APIView):
    """Rotation."""

    @extend_schema(
        operation_id="key_rotate", request=RotationSerializer, responses={201: NewKeySerializer}
    )
    def post(self, request: Request, key_id: int) -> Response:
        """Make a key like this one, which works on for some hours."""
        wanted = checked(RotationSerializer(data=request.data))
        overlap = timedelta(hours=wanted["overlap_hours"])
        made = rotate_key(_own(request, key_id), overlap=overlap, actor=actor_of(request))
        return _shown(made)


def _own(request: Request, key_id: int) -> ApiKey:
    """Return the caller's key, whose user is the caller with the rights of this request."""
    user = caller(request)
    found = keys_of(user).filter(pk=key_id).first() if key_id <= _MAX_ID else None
    if found is None:
        raise Http404
    found.user = user
    return found


def _shown(made: Made) -> Response:
    body = KeySerializer(made.row).data | {"key": made.key}
    return Response(body, status=status.HTTP_201_CREATED, headers=_NO_STORE)
