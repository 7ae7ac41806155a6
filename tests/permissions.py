"""The table of permissions: every address, every method, and what each kind of caller gets.

`test_permissions` holds it.

How to read it. A line of ROUTES names an address, the kind of row in it (“-”: none), and for each method the answer to
those who may and the group that says who that is. A group in GROUPS has one line for each row that may be named:
`own` is of park A, `other` of park B in the same region, `missing` of nobody; where it makes no difference, `any`.
Its columns are the callers; “ok” is the answer of the address, “login” the way to the login page, a number a refusal.
An address without a line fails the tests, and so does a line without an address.
"""

from typing import Final

GROUPS: Final = """
                       anonymous disabled clerk_a head_a leader_a clerk_b statistician city elsewhere admin token

OPEN          any      ok        ok       ok      ok     ok       ok      ok           ok   ok        ok    ok
STRANGERS     any      ok        ok       302     302    302      302     302          302  302       302   ok
LOGGED_IN     any      login     login    ok      ok     ok       ok      ok           ok   ok        ok    login
READERS       any      login     login    ok      ok     ok       ok      ok           ok   ok        403   login

READ_ANY      own      login     login    ok      ok     ok       ok      ok           ok   ok        403   login
              missing  login     login    404     404    404      404     404          404  404       403   login

READ          own      login     login    ok      ok     ok       404     ok           ok   404       403   login
              other    login     login    404     404    404      ok      ok           ok   404       403   login
              missing  login     login    404     404    404      404     404          404  404       403   login

OWN_ONLY      own      login     login    ok      404    404      404     404          404  404       403   login
              other    login     login    404     404    404      ok      404          404  404       403   login
              missing  login     login    404     404    404      404     404          404  404       403   login

ENTERERS      any      login     login    ok      ok     403      ok      403          403  403       403   login

ENTER_AT      own      login     login    ok      ok     403      ok      403          403  403       403   login
              missing  login     login    404     404    403      404     403          403  403       403   login

ENTER         own      login     login    ok      ok     403      404     403          403  403       403   login
              other    login     login    404     404    403      ok      403          403  403       403   login
              missing  login     login    404     404    403      404     403          403  403       403   login

COUNTED       own      login     login    403     ok     403      404     403          403  403       403   login
              other    login     login    404     404    403      403     403          403  403       403   login
              missing  login     login    404     404    403      404     403          403  403       403   login

VERIFY        own      login     login    403     ok     403      403     403          403  403       403   login
              other    login     login    403     404    403      403     403          403  403       403   login
              missing  login     login    403     404    403      403     403          403  403       403   login

VERIFIERS     any      login     login    403     ok     403      403     403          403  403       403   login

SETTERS       any      login     login    403     403    403      403     ok           403  ok        403   login

SET_TARGET    own      login     login    403     403    403      403     ok           403  404       403   login
              other    login     login    403     403    403      403     ok           403  404       403   login
              missing  login     login    403     403    403      403     404          403  404       403   login

ASSESSORS     any      login     login    403     403    403      403     ok           ok   ok        403   login

SET_COMMON_CITY own    login     login    403     403    403      403     ok           403  404       403   login
              missing  login     login    403     403    403      403     404          403  404       403   login

SET_COMMON    own      login     login    403     403    403      403     ok           403  ok        403   login
              missing  login     login    403     403    403      403     404          403  404       403   login

SUBMIT        own      login     login    ok      ok     403      404     ok           403  404       403   login
              other    login     login    404     404    403      ok      ok           403  404       403   login
              missing  login     login    404     404    403      404     404          403  404       403   login

SUBMITTERS    any      login     login    ok      ok     403      ok      ok           403  ok        403   login

HOOKS         own      login     login    403     ok     403      403     404          403  404       403   login
              other    login     login    403     404    403      403     404          403  404       403   login
              missing  login     login    403     404    403      403     404          403  404       403   login

HOOK_MAKERS   any      login     login    403     ok     403      403     ok           403  ok        403   login

COMPILE       own      login     login    403     ok     403      403     ok           403  404       403   login
              other    login     login    403     404    403      403     ok           403  404       403   login
              missing  login     login    403     404    403      403     404          403  404       403   login

ADMIN         any      login     login    403     403    403      403     403          403  403       ok    login

API_LIST      any      401       401      ok      ok     ok       ok      ok           ok   ok        403   ok
API_LOGGED_IN any      401       401      ok      ok     ok       ok      ok           ok   ok        ok    ok

API_READ_ANY  own      401       401      ok      ok     ok       ok      ok           ok   ok        403   ok
              missing  401       401      404     404    404      404     404          404  404       403   404

API_READ      own      401       401      ok      ok     ok       404     ok           ok   404       403   ok
              other    401       401      404     404    404      ok      ok           ok   404       403   404
              missing  401       401      404     404    404      404     404          404  404       403   404

API_ENTER     any      401       401      ok      ok     403      ok      403          403  403       403   403

API_CHANGE    own      401       401      ok      ok     403      404     403          403  403       403   403
              other    401       401      404     404    403      ok      403          403  403       403   403
              missing  401       401      404     404    403      404     403          403  403       403   403
"""
"""COUNTED is of verified projects: only whoever verifies takes them into the count again; and of matters that none of
these raised. REST callers show the token of the person named; `token` is a second, read-only one of clerk_a, which no
page takes for a login."""

ROUTES: Final = """
overview                    -                  GET 200 READERS
help                        -                  GET 200 LOGGED_IN
ranking                     -                  GET 200 READERS
wall                        -                  GET 200 READERS
wall-link-list              -                  GET 200 VERIFIERS
wall-link-new               -                  GET,POST 200 VERIFIERS
wall-link-withdraw          wall-link          POST 302 VERIFY
wall-text-edit              -                  GET 200 VERIFIERS   POST 302 VERIFIERS
wall-shared                 -                  GET 403 OPEN

project-list                -                  GET 200 READERS
project-export              -                  GET 200 READERS
project-bulk                -                  POST 302 ENTERERS
project-bulk-undo           -                  POST 302 ENTERERS
project-new                 -                  GET,POST 200 ENTERERS
project-bin                 -                  GET 200 ENTERERS
project-detail              project            GET 200 READ
project-draft               -                  POST 400 ENTERERS
project-change-return       project.waiting    GET,POST 200 VERIFY
project-change-recall       project.verified   POST 302 ENTER
project-recognition         project.verified   GET,POST 200 VERIFY
project-undo                project            POST 302 ENTER
project-contracts           project            GET,POST 200 ENTER
review-list                 -                  GET,POST 200 VERIFIERS
review-proxy-list           -                  GET 200 READERS
project-edit                project            GET,POST 200 ENTER
project-stage               project.verified   GET,POST 200 ENTER
project-submit              project            POST 302 ENTER
project-recall              project.submitted  POST 302 ENTER
project-verify              project.submitted  POST 302 VERIFY
project-return              project.submitted  GET,POST 200 VERIFY
project-terminate           project.verified   GET,POST 200 ENTER
project-withdraw            project            POST 302 ENTER
project-restore             project.withdrawn  POST 302 COUNTED

fund-arrival-list           -                  GET 200 READERS
fund-arrival-export         -                  GET 200 READERS
fund-arrival-new            -                  GET,POST 200 ENTERERS
fund-arrival-edit           fund-arrival       GET,POST 200 ENTER
fund-arrival-verify         fund-arrival       POST 302 VERIFY
fund-arrival-withdraw       fund-arrival       POST 302 ENTER
fund-arrival-bin            -                  GET 200 ENTERERS
fund-arrival-restore        fund-arrival.gone  POST 302 ENTER

weekly-sheet                -                  GET 200 ENTERERS  POST 302 ENTERERS
monthly-sheet               -                  GET 200 ENTERERS  POST 302 ENTERERS
weekly-report               -                  GET 200 ENTERERS

engagement-list             -                  GET 200 READERS
engagement-export           -                  GET 200 READERS
engagement-new              -                  GET,POST 200 ENTERERS
engagement-detail           engagement         GET 200 READ
engagement-edit             engagement         GET,POST 200 ENTER
engagement-withdraw         engagement         POST 302 ENTER
engagement-bin              -                  GET 200 ENTERERS
engagement-restore          engagement.gone    POST 302 ENTER

group-start-list            -                  GET 200 READERS
group-start-export          -                  GET 200 READERS
group-start-detail          group-start        GET 200 READ_ANY
group-start-entry-new       group-start        GET,POST 200 ENTER_AT
group-start-entry-withdraw  group-start-entry  POST 302 ENTER

enterprise-list             -                  GET 200 READERS
enterprise-export           -                  GET 200 READERS
enterprise-new              -                  GET,POST 200 ENTERERS
enterprise-detail           enterprise         GET 200 READ
enterprise-edit             enterprise         GET,POST 200 ENTER
chain-list                  -                  GET 200 READERS
chain-detail                chain              GET 200 READ_ANY
listing-step-list           -                  GET 200 READERS
listing-step-export         -                  GET 200 READERS
listing-step-new            -                  GET,POST 200 ENTERERS
listing-step-edit           listing-step       GET,POST 200 ENTER
listing-step-withdraw       listing-step       POST 302 ENTER

blank-form-list             -                  GET 200 READERS
blank-form-new              -                  GET,POST 200 ENTERERS
blank-form-detail           blank-form         GET 200 READ
blank-form-file             blank-form         GET 200 READ
blank-form-map              blank-form         POST 302 ENTER
blank-form-fill             blank-form         GET,POST 200 ENTER
blank-form-withdraw         blank-form         POST 302 ENTER
filled-form-list            -                  GET 200 READERS
filled-form-detail          filled-form        GET 200 READ
filled-form-file            filled-form        GET 200 READ
filled-form-send            filled-form        POST 302 ENTER
filled-form-withdraw        filled-form        POST 302 ENTER

search                      -                  GET 200 READERS
saved-filter-list           -                  GET 200 READERS
saved-filter-new            -                  GET,POST 404 READERS
saved-filter-edit           saved-filter       GET,POST 200 OWN_ONLY
saved-filter-move           saved-filter       POST 302 OWN_ONLY
saved-filter-delete         saved-filter       POST 302 OWN_ONLY
list-columns                -                  GET 200 READERS     POST 302 READERS
list-size                   -                  POST 302 READERS
visit-note                  project            POST 204 READ

calendar                    -                  GET 200 READERS
region-edit                 region             GET,POST 200 SET_COMMON_CITY

matter-list                 -                  GET 200 READERS
matter-new                  -                  GET,POST 200 ENTERERS
matter-detail               matter             GET 200 READ
matter-export               -                  GET 200 READERS
matter-edit                 matter             GET,POST 200 COUNTED
matter-withdraw             matter             POST 400 COUNTED
matter-report               matter             POST 400 ENTER
matter-close                matter             POST 400 VERIFY

reported-figure-list        -                  GET 200 READERS
reported-figure-new         -                  GET,POST 200 HOOK_MAKERS
reported-figure-edit        reported-figure    GET,POST 200 COMPILE
reported-figure-withdraw    reported-figure    GET 200 COMPILE     POST 302 COMPILE
reconciliation-list         -                  GET 200 READERS
reconciliation-new          -                  GET,POST 200 SUBMITTERS
reconciliation-detail       reconciliation     GET 200 READ        POST 302 SUBMIT
reconciliation-file         reconciliation     GET 200 READ
reconciliation-withdraw     reconciliation     GET 200 SUBMIT      POST 302 SUBMIT
data-quality                -                  GET 200 READERS
data-quality-export         -                  GET 200 READERS
scorecard-list              -                  GET 200 READERS
scorecard-detail            scorecard          GET 200 READ
scorecard-members           scorecard          GET 302 READ
scorecard-text              scorecard          GET 200 READ
scorecard-document          scorecard          GET 200 READ
scorecard-compile           scorecard          POST 302 COMPILE
scorecard-compile-any       scorecard          POST 302 COMPILE
scorecard-headline          scorecard          POST 302 COMPILE
scorecard-submit            scorecard          GET 200 SUBMIT      POST 302 SUBMIT
scorecard-return            scorecard          POST 302 SUBMIT
scorecard-publish           scorecard          POST 302 COMPILE
scorecard-correct           scorecard          POST 302 SUBMIT
scorecard-sign              scorecard          GET,POST 200 SUBMIT
scorecard-changes           scorecard          GET 200 READ
target-list                 -                  GET 200 READERS
target-new                  -                  GET,POST 200 SETTERS
target-grid                 -                  GET 200 SETTERS     POST 302 SETTERS
target-propose              -                  POST 302 SETTERS
target-confirm              -                  GET,POST 200 SETTERS
target-export               -                  GET 200 SETTERS
target-import               -                  GET,POST 200 SETTERS
target-import-write         -                  POST 200 SETTERS
target-detail               target             GET 200 READ
target-parts                target             GET 200 COMPILE     POST 302 COMPILE
assessment                  -                  GET 200 ASSESSORS
assessment-rule-new         -                  GET,POST 200 SETTERS
assessment-rule-edit        assessment-rule    GET,POST 200 SET_COMMON_CITY
assessment-rule-withdraw    assessment-rule    POST 302 SET_COMMON_CITY
assessment-mark             park               GET,POST 200 SET_TARGET
goal-new                    -                  GET,POST 200 SETTERS
goal-edit                   goal               GET,POST 200 SET_TARGET
goal-withdraw               goal               GET 200 SET_TARGET  POST 302 SET_TARGET
target-edit                 target             GET,POST 200 SET_TARGET
target-withdraw             target             GET 200 SET_TARGET  POST 302 SET_TARGET
subscription-list           -                  GET 200 READERS     POST 302 READERS
webhook-new                 -                  GET,POST 200 HOOK_MAKERS
webhook-edit                webhook            GET,POST 200 HOOKS
webhook-renew               webhook            POST 302 HOOKS
webhook-try                 webhook            POST 302 HOOKS
webhook-withdraw            webhook            GET 200 HOOKS       POST 302 HOOKS
delivery-again              delivery           POST 302 HOOKS
indicator-list              -                  GET 200 READERS
indicator-new               -                  GET,POST 200 SETTERS
indicator-detail            indicator          GET 200 READ_ANY
indicator-edit              indicator          GET,POST 200 SET_COMMON

project-import              -                  GET,POST 200 ENTERERS
project-import-template     -                  GET 200 ENTERERS
project-import-detail       project-import     GET 200 ENTER
project-import-map          project-import     POST 200 ENTER
project-import-rows         project-import     POST 302 ENTER
project-import-check        project-import     POST 302 ENTER
project-import-run          project-import     POST 302 ENTER
project-import-rollback     project-import     POST 302 ENTER
project-import-withdraw     project-import     POST 302 ENTER
project-import-wrong        project-import     GET 200 ENTER
project-paste               -                  GET,POST 200 ENTERERS
project-alike               project            GET 200 ENTER       POST 302 ENTER
attachment-new              project            GET 200 READ        POST 200 ENTER
attachment-file             attachment         GET 200 READ
attachment-preview          attachment         GET 200 READ
attachment-withdraw         attachment         POST 302 ENTER
notice-list                 -                  GET 200 READERS
notice-read                 -                  POST 302 READERS
handover-list               -                  GET 200 READERS
handover-new                -                  GET,POST 200 ENTERERS
handover-detail             handover           GET 200 READ
contact-new                 -                  GET,POST 200 ENTERERS
contact-edit                contact            GET,POST 200 ENTER
contact-show                contact            POST 200 ENTER
contact-withdraw            contact            POST 302 ENTER
confidentiality             -                  POST 302 LOGGED_IN

login                       -                  GET,POST,PUT 200 STRANGERS
logout                      -                  POST login OPEN
password_change             -                  GET,POST,PUT 200 LOGGED_IN
password_change_done        -                  GET 200 LOGGED_IN
healthz                     -                  GET 200 OPEN        POST 405 OPEN
readyz                      -                  GET 200 OPEN        POST 405 OPEN

schema                      -                  GET 200 API_LOGGED_IN
docs                        -                  GET 200 API_LOGGED_IN
api-project-list            -                  GET 200 API_LIST    POST 400 API_ENTER
api-enterprise-list         -                  GET 200 API_LIST    POST 400 API_ENTER
api-fund-arrival-list       -                  GET 200 API_LIST    POST 400 API_ENTER
api-engagement-list         -                  GET 200 API_LIST    POST 400 API_ENTER
api-*-list                  -                  GET 200 API_LIST
api-project-summary         -                  GET 200 API_LIST
api-chain-detail            chain              GET 200 API_READ_ANY
api-indicator-detail        indicator          GET 200 API_READ_ANY
api-project-detail          project            GET 200 API_READ    PATCH 400 API_CHANGE
api-enterprise-detail       enterprise         GET 200 API_READ    PATCH 400 API_CHANGE
api-fund-arrival-detail     fund-arrival       GET 200 API_READ    PATCH 400 API_CHANGE
api-group-start-entry-detail  group-start-entry  GET 200 API_READ
api-engagement-detail       engagement         GET 200 API_READ    PATCH 400 API_CHANGE
api-listing-step-detail     listing-step       GET 200 API_READ
api-target-detail           target             GET 200 API_READ
api-scorecard-detail        scorecard          GET 200 API_READ
api-scorecard-members       scorecard          GET 400 API_READ
api-park-detail             park               GET 200 API_READ
/api/v1/anywhere/           -                  GET,POST,PUT,PATCH,DELETE 404 API_LIST

admin:index                 -                  GET,POST 200 ADMIN
admin:app_list              -                  GET,POST 200 ADMIN
admin:login                 -                  GET,POST 302 ADMIN
admin:logout                -                  GET 405 ADMIN       POST login ADMIN
admin:password_change       -                  GET,POST 302 ADMIN
admin:password_change_done  -                  GET 200 ADMIN       POST 405 ADMIN
admin:autocomplete          -                  GET 403 ADMIN       POST 405 ADMIN
admin:jsi18n                -                  GET 200 ADMIN       POST 405 ADMIN
admin:view_on_site          -                  GET,POST 404 ADMIN
admin:parkportal_apitoken_add   -              GET,POST 403 ADMIN
admin:parkportal_change_add     -              GET,POST 403 ADMIN
admin:parkportal_job_add        -              GET,POST 403 ADMIN
admin:parkportal_apitoken_change  row          GET 200 ADMIN       POST 302 ADMIN
admin:parkportal_change_change  row            GET 200 ADMIN       POST 403 ADMIN
admin:parkportal_job_change     row            GET 200 ADMIN       POST 403 ADMIN
admin:*_changelist          -                  GET,POST 200 ADMIN
admin:*_add                 -                  GET,POST 200 ADMIN
admin:*_change              row                GET,POST 200 ADMIN
admin:*_history             row                GET,POST 302 ADMIN
admin:*_delete              row                GET,POST 403 ADMIN
/admin/*/*/{object_id}/     row                GET,POST,PUT,PATCH,DELETE 302 ADMIN
/admin/{url}                -                  GET,POST 404 ADMIN
"""
"""A name may hold a “*”; the first line that fits counts. `row` is a row of the model that the address names."""
