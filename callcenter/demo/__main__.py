"""`python -m callcenter.demo`: simulated lawyers and citizens in one light process."""

from callcenter.demo.run import run_demo
from callcenter.settings import load_settings

if __name__ == "__main__":
    run_demo(load_settings(), seats=True, citizens=True)
