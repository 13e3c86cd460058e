"""From needs and stock to shipments: who gets what from where, reserved, dispatched, received."""
