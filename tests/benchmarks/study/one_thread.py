"""How is every library kept to one thread? By variables that it reads when it is loaded."""

import os

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

for variable in VARIABLES:
    os.environ.setdefault(variable, "1")
