"""What macOS and Windows have in place of Linux's two mechanisms, for our processes but not for the app.

Nobody has proven these there yet: the page that shows the walls says so, and shows what the probe met.
"""

import ctypes
import sys

from engine.privacy.rules import Given, Right, Rule

if sys.platform == "darwin":

    def seal(rule: Rule) -> tuple[str, ...]:
        """Lay a sandbox on this process. It can be laid on once, and is inherited: so not on the app."""
        if Right.SEEN in rule.rights:
            return ()
        library = ctypes.CDLL("/usr/lib/libsandbox.1.dylib")
        reason = ctypes.c_char_p()
        failed = library.sandbox_init(_profile(rule).encode("ascii"), ctypes.c_uint64(0), ctypes.byref(reason))
        return () if failed else ("sandbox",)

    def _profile(rule: Rule) -> str:
        """The rules in the sandbox's own language; of two that fit, the later counts."""
        lines = ["(version 1)", "(allow default)"]
        if Right.NETWORK not in rule.rights:
            lines.append("(deny network*)")
        if Right.RUN not in rule.rights:
            lines.append("(deny process-exec*)")
        if Right.SIGNAL not in rule.rights:
            lines += ["(deny signal)", "(allow signal (target self))"]
        if Right.WRITE not in rule.rights and rule.given not in (Given.FOLDER, Given.FILE_AND_FOLDER):
            lines += ['(deny file-write* (subpath "/"))', '(allow file-write* (literal "/dev/null"))']
        return "".join(lines)

elif sys.platform == "win32":
    _LIMITS_CLASS = 9
    _ONE_PROCESS, _NO_CRASH_WINDOW = 0x8, 0x400

    class _Limits(ctypes.Structure):
        """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

        _fields_ = [
            ("times", ctypes.c_int64 * 2), ("flags", ctypes.c_uint32), ("working_set", ctypes.c_size_t * 2),
            ("processes", ctypes.c_uint32), ("affinity", ctypes.c_size_t), ("classes", ctypes.c_uint32 * 2),
            ("io", ctypes.c_uint64 * 6), ("memory", ctypes.c_size_t * 4),
        ]  # fmt: skip

    def seal(rule: Rule) -> tuple[str, ...]:
        """Put this process into a job that has room for no other: it can start nothing."""
        if Right.RUN in rule.rights or Right.SEEN in rule.rights:
            return ()
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
        job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        limits = _Limits(flags=_ONE_PROCESS | _NO_CRASH_WINDOW, processes=1)
        kernel.SetInformationJobObject(job, _LIMITS_CLASS, ctypes.byref(limits), ctypes.sizeof(limits))
        here = ctypes.c_void_p(kernel.GetCurrentProcess())
        return ("job",) if kernel.AssignProcessToJobObject(job, here) else ()

else:

    def seal(rule: Rule) -> tuple[str, ...]:
        """Other systems have no means that we know."""
        return ()
