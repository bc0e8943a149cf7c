"""Everything that runs the service on one machine: its local AWS, Airflow with the front, and what they need first."""
