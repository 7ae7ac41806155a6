"""The table of contents: the only module of the ground that knows the rooms."""

from django.conf import settings
from django.contrib.auth import views as auth
from django.urls import include, path

from parkportal import views
from parkportal.admin import site

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("projects.urls")),
    path("", include("enterprises.urls")),
    path("help/", views.Help.as_view(), name="help"),
    path("confidentiality/", views.ConfidentialityConfirm.as_view(), name="confidentiality"),
    path("accounts/login/", views.Login.as_view(), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", views.PasswordChange.as_view(), name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", site.urls),
    path("api/v1/", include("enterprises.api_urls")),
    path("api/v1/", include("projects.api_urls")),
    path("api/v1/", include("reports.api_urls")),
    path("api/v1/", include("parkportal.api.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("ui/", views.Components.as_view(), name="ui"))
