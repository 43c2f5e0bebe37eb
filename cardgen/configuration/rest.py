"""What Django REST framework does, and what stands in the OpenAPI document."""

FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "cardgen.access.authentication.api_keys.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "cardgen.access.rights.permissions.HasRight",
        "cardgen.http.queries.KnownParameters",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["cardgen.access.limits.CallerThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cardgen.http.parsers.BoundedJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cardgen.http.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # `format` chooses the form of a result, not a renderer.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR = {
    "TITLE": "cardgen",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "jobs.models.Status",
        "Priority": "jobs.models.Priority",
        "TierName": "generation.models.Tier",
        "Published": "cardgen.http.reference.enums.PUBLISHED_ALONE",
        "TierOrPublished": "cardgen.http.reference.enums.TIERS_AND_PUBLISHED",
        "DeliveryState": "jobs.models.DeliveryState",
        "CardField": "cardgen.http.reference.enums.CARD_FIELDS",
        "Defect": "cardgen.http.reference.enums.DEFECTS",
        "Ordering": "cardgen.http.reference.enums.ORDERINGS",
        "AnomalyRule": "cardgen.anomalies.api.RULE_NAMES",
        "DeliveryEvent": "cardgen.http.reference.enums.DELIVERY_EVENTS",
        "WebhookEvent": "jobs.models.Event",
        "ExclusionReason": "uniqueness.models.Exclusion.Reason",
        "FilterState": "cardgen.http.reference.enums.FILTER_STATES",
        "Layer": "cardgen.http.reference.enums.LAYERS",
        "ListFormat": "cardgen.http.reference.enums.LIST_FORMATS",
        "Luhn": "cardgen.http.reference.enums.LUHN",
        "NumberState": "cardgen.http.reference.enums.NUMBER_STATES",
        "QuotaSubject": "cardgen.http.reference.enums.QUOTA_SUBJECTS",
        "QuotaUnit": "cardgen.http.reference.enums.QUOTA_UNITS",
        "RangeRole": "cardgen.http.reference.enums.RANGE_ROLES",
        "Scope": "cardgen.http.reference.enums.SCOPES",
    },
    "POSTPROCESSING_HOOKS": [
        "cardgen.http.reference.nulls.mark",
        "drf_spectacular.hooks.postprocess_schema_enums",
        "cardgen.http.reference.finishing.finish",
    ],
}
