"""What goes over the wire to and from Asterisk, as plain functions: no I/O, no clock."""

from callcenter.asterisk.protocol.agi import (
    AgiDecoder,
    AgiEnv,
    AgiGarbage,
    AgiHangup,
    AgiMessage,
    AgiReply,
)
from callcenter.asterisk.protocol.ami import (
    AmiDecoder,
    AmiMessage,
    BadValue,
    ProtocolFault,
    Value,
    encode_action,
)

__all__ = [
    "AgiDecoder",
    "AgiEnv",
    "AgiGarbage",
    "AgiHangup",
    "AgiMessage",
    "AgiReply",
    "AmiDecoder",
    "AmiMessage",
    "BadValue",
    "ProtocolFault",
    "Value",
    "encode_action",
]
