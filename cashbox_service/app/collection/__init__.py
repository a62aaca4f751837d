"""Money that comes in: charges through processors, payments booked by hand, and their allocation."""
