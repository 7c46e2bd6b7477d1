"""Start a worker, ask it, notice when it dies; which models stay loaded."""

from engine.runtime.paces import Speeds as Speeds
from engine.runtime.runtime import Runtime as Runtime
