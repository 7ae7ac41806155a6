"""Addresses of the enterprises' room in REST."""

from rest_framework.routers import SimpleRouter

from enterprises import api

router = SimpleRouter()
router.register("chains", api.Chains, "api-chain")
router.register("enterprises", api.Enterprises, "api-enterprise")
router.register("listing-steps", api.ListingSteps, "api-listing-step")
urlpatterns = router.urls
