"""Point events: their list, one event's page, recording one item for several members, voiding one."""
