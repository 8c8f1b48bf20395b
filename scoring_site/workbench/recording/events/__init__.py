"""Point events: their list, one event's page, recording one item for several members, voiding one.

Many at once are entered on the month, the tick sheet or an activity.
"""
