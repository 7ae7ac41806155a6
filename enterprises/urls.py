"""Addresses of the enterprises' room."""

from django.urls import path

from enterprises import views

urlpatterns = [
    path("enterprises/", views.EnterpriseList.as_view(), name="enterprise-list"),
    path("enterprises/new/", views.EnterpriseNew.as_view(), name="enterprise-new"),
    path("enterprises/export/", views.EnterpriseExport.as_view(), name="enterprise-export"),
    path("enterprises/<str:code>/", views.EnterpriseDetail.as_view(), name="enterprise-detail"),
    path("enterprises/<str:code>/edit/", views.EnterpriseEdit.as_view(), name="enterprise-edit"),
    path("contacts/new/", views.ContactNew.as_view(), name="contact-new"),
    path("contacts/<str:code>/edit/", views.ContactEdit.as_view(), name="contact-edit"),
    path("contacts/<str:code>/show/", views.ContactShow.as_view(), name="contact-show"),
    path("contacts/<str:code>/withdraw/", views.ContactWithdraw.as_view(), name="contact-withdraw"),
    path("chains/", views.ChainList.as_view(), name="chain-list"),
    path("chains/<slug:code>/", views.ChainDetail.as_view(), name="chain-detail"),
    path("listing-steps/", views.ListingStepList.as_view(), name="listing-step-list"),
    path("listing-steps/new/", views.ListingStepNew.as_view(), name="listing-step-new"),
    path("listing-steps/export/", views.ListingStepExport.as_view(), name="listing-step-export"),
    path("listing-steps/<str:code>/edit/", views.ListingStepEdit.as_view(), name="listing-step-edit"),
    path("listing-steps/<str:code>/withdraw/", views.ListingStepWithdraw.as_view(), name="listing-step-withdraw"),
]
