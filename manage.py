#!/usr/bin/env python
"""Django's command line for cardgen."""

from cardgen.__main__ import main

if __name__ == "__main__":
    main()
