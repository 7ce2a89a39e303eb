"""How much may a client ask for at once?

Every bound of the server in one place. What is over one of them is refused with the
bound in the answer, before anything is stored.
"""

# A body is read, parsed and copied a few times before it is a table.
BODY_BYTES = 64 * 2**20
# Of all bodies that are on their way in.
BYTES_AT_ONCE = 4 * BODY_BYTES
SECONDS_TO_SEND = 30.0

ROWS = 250_000
COLUMNS = 2_000
NAME_LETTERS = 256
TEXT_LETTERS = 65_536
# of an entity in an address
KEY_LETTERS = 4_096

EVENTS = 1_000
SECONDS_TO_WAIT = 300.0

# Requests that are being answered; single predictions wait in a line of their own.
REQUESTS_AT_ONCE = 1_024
PREDICTIONS_WAITING = 1_024
# One transaction holds so many: a commit costs as much as ten more rows of it.
PREDICTIONS_TOGETHER = 256
# Everything else that touches the workspace: tables, reports, promotions.
CALLS_AT_ONCE, CALLS_WAITING = 4, 32
JOBS_AT_ONCE = 2
# A client that is told to come back waits so long.
RETRY_SECONDS = 2
