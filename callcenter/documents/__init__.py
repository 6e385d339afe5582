"""The province as people change it in the pages: seats, groups, shifts and the calendar."""
