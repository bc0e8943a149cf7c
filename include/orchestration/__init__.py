"""What the DAGs share: contexts from Airflow connections, and how a stage answers to Airflow."""
