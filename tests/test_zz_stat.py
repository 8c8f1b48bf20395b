import collections, pytest, random
from tests.publicity import test_review_machine as m
C=collections.Counter()
orig=m.ReviewMachine.attempt
def attempt(self, who, verb, **g):
    r=orig(self, who, verb, **g)
    C[verb.__name__, "ok" if r is not None or self.entries and self.fingerprint and self._ok else "no"]+=1
    return r
orig_log=m.ReviewMachine.check_logged
def check_logged(self, actor, verb):
    C[verb.__name__,"done"]+=1
    orig_log(self, actor, verb)
m.ReviewMachine.check_logged=check_logged
ot=m.ReviewMachine.teardown
def td(self):
    from points.models import Review
    for r in Review.objects.all(): C["state", r.half, r.state]+=1
    ot(self)
m.ReviewMachine.teardown=td
from hypothesis import settings, HealthCheck
@pytest.mark.django_db
def test_it():
    import os
    try:
        m.run_state_machine_as_test(m.ReviewMachine, settings=settings(max_examples=int(os.environ.get("EX","40")), stateful_step_count=80, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck), print_blob=True))
    finally:
        for k,v in sorted(C.items(), key=str): print(k,v)
