"""At which controller something is to be done that one page asks of another: where a call is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callcenter.address import Address
from callcenter.call.callback import node_of
from callcenter.neighbours import Neighbours
from callcenter.nodes import Nodes
from callcenter.switchboard import Switchboard


class Whereabouts:
    """One per controller of several. Addresses are those of the controllers' pages."""

    def __init__(
        self,
        nodes: Nodes,
        house: Switchboard,
        neighbours: Neighbours,
        *,
        addresses: Callable[[], Mapping[str, Address]],
    ) -> None:
        """`addresses`: by node, of those that have one."""
        self._nodes = nodes
        self._house = house
        self._neighbours = neighbours
        self._addresses = addresses

    def of_call(self, call_id: str) -> Address | None:
        """Where the call is in progress, or was: there lie its recording and what is being written
        of it. None: here, or where nobody answers now, so that we do.
        """
        if call_id in self._house.sessions:
            return None
        node = self._neighbours.controller_of(call_id) or node_of(call_id)
        return self._address(node)

    def of_seat(self, number: str) -> Address | None:
        """Where the call of this seat is; None: here, or it has none."""
        status = self._house.dispatcher.statuses.get(number)
        if status is None or not status.call_id:
            return None
        return self.of_call(status.call_id.partition("-leg-")[0])

    def of_desk(self, number: str) -> Address | None:
        """Where the page is served that has this telephone; None: here, or there is none."""
        return self._address(self._house.desks.served_by(number))

    @property
    def own(self) -> str:
        """This node's name."""
        return self._nodes.own_name

    def others(self) -> Mapping[str, Address | None]:
        """Every other node's controller; None where none is known to live."""
        names = (name for name in self._nodes.names if name != self._nodes.own_name)
        return {name: self._address(name) for name in names}

    def _address(self, node: str) -> Address | None:
        if node == self._nodes.own_name or node not in self._nodes.alive:
            return None
        return self._addresses().get(node)
