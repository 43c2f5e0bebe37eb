"""Profiles over HTTP: parse, one service call, translate the answer."""

from operator import attrgetter

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.orders import profiles
from jobs.orders.profiles import ProfileDraft
from jobs.orders.profiles_representation import (
    ProfileListSerializer,
    ProfileRequestSerializer,
    ProfileSerializer,
    profile_dict,
)
from toolkit.requests import PlainNumberField, StrictSerializer
from toolkit.views import asked, caller, cut, next_url

_MAX_ID = 10**11 - 1


class ProfileQuery(StrictSerializer):
    """Query of the profiles."""

    limit = PlainNumberField(
        min_value=1, max_value=1_000, default=100, help_text="profiles in a page, 1 to 1,000"
    )
    after = PlainNumberField(
        min_value=1, max_value=_MAX_ID, default=_MAX_ID, help_text="from `next` of the page before"
    )


class ProfileListView(APIView):
    """Profiles."""

    @extend_schema(
        operation_id="profiles", parameters=[ProfileQuery], responses=ProfileListSerializer
    )
    def get(self, request: Request) -> Response:
        """List the caller's profiles and those of their teams, the newest first."""
        query = asked(request, ProfileQuery)
        found = profiles.profiles_of(caller(request)).filter(id__lt=query["after"]).order_by("-id")
        page = cut(list(found[: query["limit"] + 1]), limit=query["limit"], cursor=attrgetter("pk"))
        rows = [profile_dict(profile) for profile in page.rows]
        return Response({"results": rows, "next": next_url(request, page.after)})

    @extend_schema(
        operation_id="profiles_save",
        request=ProfileRequestSerializer,
        responses={201: ProfileSerializer},
    )
    def post(self, request: Request) -> Response:
        """Save an order under a name. It is checked as if it were submitted, and nothing starts.

        Order from it by `{"profile": "the name"}`; what else that body says comes first. If the
        order is for a team, its members see the profile and order from it too.
        """
        made = profiles.save_profile(_draft(request), owner=caller(request))
        return Response(profile_dict(made), status=status.HTTP_201_CREATED)


@extend_schema(parameters=[OpenApiParameter("profile_id", int, "path")])
class ProfileView(APIView):
    """One profile."""

    @extend_schema(operation_id="profile", responses=ProfileSerializer)
    def get(self, request: Request, profile_id: int) -> Response:
        """Show a profile of the caller or of a team of theirs."""
        return Response(profile_dict(profiles.profile_of(caller(request), profile_id)))

    @extend_schema(
        operation_id="profile_replace",
        request=ProfileRequestSerializer,
        responses=ProfileSerializer,
    )
    def put(self, request: Request, profile_id: int) -> Response:
        """Replace the name and the order of a profile. Only its owner may."""
        profile = profiles.own_profile(caller(request), profile_id)
        return Response(profile_dict(profiles.replace_profile(profile, _draft(request))))

    @extend_schema(operation_id="profile_delete", responses={204: None})
    def delete(self, request: Request, profile_id: int) -> Response:
        """Delete a profile. Only its owner may; jobs ordered from it stay as they are."""
        profiles.delete_profile(profiles.own_profile(caller(request), profile_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _draft(request: Request) -> ProfileDraft:
    wanted = ProfileRequestSerializer(data=request.data)
    wanted.is_valid(raise_exception=True)
    return wanted.draft()
