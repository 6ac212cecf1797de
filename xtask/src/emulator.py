"""moto's server, with what its threads share guarded."""

import sys
import threading

from moto.ec2.responses import EC2Response
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.server import main


def one_at_a_time(responses):
    """What is left out of an answer is kept in the class: requests side by side would get each other's answers."""
    lock = threading.RLock()
    dispatch = responses._dispatch

    def guarded(self, *args, **kwargs):
        with lock:
            return dispatch(self, *args, **kwargs)

    responses._dispatch = guarded


for responses in (EC2Response, EC2ContainerServiceResponse):
    one_at_a_time(responses)
main(sys.argv[1:])
