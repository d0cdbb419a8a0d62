"""One condition of a sync a sensor."""
