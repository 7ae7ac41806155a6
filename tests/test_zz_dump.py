import pytest
from django.db import transaction
from tests.two_parks import built, PRINCIPALS
from tests.routes import routes, values_of, MISSING

@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with built(django_db_blocker) as w:
        yield w

def keys_for(r):
    n=r.name
    if n.startswith("admin:") and "_" in n:
        k="admin."+n[6:].rsplit("_",1)[0]
        return k
    if n.startswith("/admin/") and "object_id" in n:
        p=n.split("/"); return f"admin.{p[2]}_{p[3]}"
    s=n.removeprefix("api-")
    spec={"project-verify":"project.submitted","project-return":"project.submitted","project-recall":"project.submitted","project-stage":"project.verified","project-terminate":"project.verified","project-restore":"project.withdrawn"}
    if s in spec: return spec[s]
    for k in ("group-start-entry-new",): 
        if s==k: return "group-start"
    for k in ("group-start-entry","group-start","listing-step","fund-arrival","enterprise","project","engagement","chain","indicator","target","scorecard","park"):
        if s.startswith(k): return k
    return None

@pytest.mark.django_db
def test_dump(world):
    import time
    out=open("/tmp/dev/sec_dump.txt","w")
    for r in routes():
        k=keys_for(r)
        for m in r.methods:
            for state in ("own","other","missing") if r.parameters else ("own",):
                cells=[]
                t=time.time()
                for who in PRINCIPALS:
                    c=(world.program if r.address.startswith("/api/") else world.browser)(who)
                    row=(world.b if state=="other" else world.a).rows.get(k, world.a.park)
                    vals=MISSING if state=="missing" else values_of(row)
                    data={"version":getattr(row,"version",1)} if m!="get" else {}
                    with transaction.atomic():
                        a=getattr(c,m)(r.url(vals), data, **({"content_type":"application/json"} if r.address.startswith("/api/") and m!="get" else {}))
                        transaction.set_rollback(True)
                    s=str(a.status_code)
                    if s=="302" and "/accounts/login" in a["Location"]: s="login"
                    cells.append(s)
                print(f"{m:6} {r.name:45} {str(k):28} {state:8}", *[f"{c:5}" for c in cells], f"{time.time()-t:.2f}", file=out, flush=True)
