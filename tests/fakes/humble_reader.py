"""The real reader, without the rights of an administrator."""

import os

from engine.worker.reader.__main__ import main

if __name__ == "__main__":
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    main()
