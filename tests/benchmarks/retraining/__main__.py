"""What does each retraining policy cost, and what does it lose? Run me again.

python tests/benchmarks/retraining simulated [--weeks 52] [--seed 0 …] [--world NAME …]
python tests/benchmarks/retraining flights notebooks/data
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import flights as f
import numpy as np
import policies as p
import worlds as w


def simulated(arguments):
    print("world                         policy      excess x1000  asked  promoted  first asked")
    for name, world in w.worlds().items():
        if arguments.world and name not in arguments.world:
            continue
        for policy in arguments.policy:
            weeks = arguments.weeks
            found = [p.run(world, p.POLICIES[policy], weeks, seed=seed) for seed in arguments.seed]
            excess = 1000 * np.mean([one.excess for one in found])
            asked = np.mean([len(one.asked) for one in found])
            promoted = np.mean([len(one.promoted) for one in found])
            firsts = [one.asked[0] for one in found if one.asked]
            first = f"week {np.median(firsts):.0f}" if firsts else "never"
            print(
                f"{name:<28}  {policy:<10}  {excess:12.1f}  {asked:5.1f}  {promoted:8.1f}  {first}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("simulated", "flights"))
    parser.add_argument("path", nargs="?")
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seed", type=int, nargs="*", default=[0])
    parser.add_argument("--world", nargs="*")
    parser.add_argument("--policy", nargs="*", default=list(p.POLICIES))
    arguments = parser.parse_args()
    if arguments.what == "simulated":
        simulated(arguments)
    else:
        f.flights(arguments.path, arguments.policy)


if __name__ == "__main__":
    sys.exit(main())
