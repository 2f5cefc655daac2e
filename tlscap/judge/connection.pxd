cimport cython
from tlscap.engine.facts cimport Facts
from tlscap.judge.alerts cimport find_alerts
from tlscap.judge.client_certificate cimport judge_client_certificate
from tlscap.judge.ending cimport judge_ending
from tlscap.judge.flights cimport Flights
from tlscap.judge.handshake cimport judge_handshake
from tlscap.judge.history cimport render_history
from tlscap.judge.landmarks cimport Landmarks
from tlscap.judge.ledger cimport list_handshakes, note_drop
from tlscap.judge.renegotiation cimport find_attempts, judge_renegotiations
from tlscap.judge.tickets cimport ticket_candidates
from tlscap.judge.verdict cimport Verdict
from tlscap.judge.version cimport judge_version

@cython.locals(marks=Landmarks)
cpdef Verdict judge_alone(Facts facts, allowance=*)
@cython.locals(verdict=Verdict, attempts=list)
cpdef Verdict judge_by(Landmarks marks, Flights flights, allowance=*)
