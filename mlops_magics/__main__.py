"""`python -m mlops_magics VERB …` is `mlops-magics VERB …`."""

from mlops_magics.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
