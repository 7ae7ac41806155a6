"""The table of contents: the only module of the ground that knows the rooms."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from parkportal import views

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("projects.urls")),
    path("", include("enterprises.urls")),
    path("help/", views.Help.as_view(), name="help"),
    path("accounts/login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("accounts/password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
if settings.DEBUG:
    urlpatterns.append(path("ui/", views.Components.as_view(), name="ui"))
