"""Where things lie: the URIs of an upload's raw file, manifest, staging, report and partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from include.domain import names
from include.domain.partition_key import table_path

if TYPE_CHECKING:
    from include.domain.partition_key import PartitionKey
    from include.domain.upload import Upload
    from include.settings import Settings

MANIFEST = "_manifest.json"
SIDECAR = "_governance.json"
REPORT = "_report.json"
WIDENING = "widening"  # the folder in staging that is of tables, not of uploads
WITHDRAWN = "_withdrawn.json"


@dataclass(frozen=True)
class Areas:
    """The URIs of one deployment."""

    settings: Settings

    def landing(self, key: PartitionKey, filename: str) -> str:
        """Where a browser or a person puts the file of a partition."""
        return f"{self.settings.landing_uri}/{key.file(names.safe_filename(filename))}"

    def raw(self, upload: Upload) -> str:
        """The accepted file's bytes, for ever."""
        return f"{self.settings.raw_history_uri}/{upload.key.file(names.safe_filename(upload.filename))}"

    def raw_table(self, database: str, table: str) -> str:
        """Where the accepted files of a table (short database name) lie."""
        return f"{self.settings.raw_history_uri}/{table_path(database, table)}/"

    def manifest(self, upload: Upload) -> str:
        """What is known of an accepted file, beside it."""
        return f"{self.settings.raw_history_uri}/{upload.key.file(MANIFEST)}"

    def withdrawn(self, upload: Upload) -> str:
        """The record of a withdrawal, beside the raw file that stays."""
        return f"{self.settings.raw_history_uri}/{upload.key.file(WITHDRAWN)}"

    def failed(self, upload: Upload, name: str) -> str:
        """A refused file or its report; under the upload's id, so that a second refusal never meets a first."""
        return f"{self.settings.fail_uri}/{upload.id}/{name}"

    def staging(self, upload_id: str, name: str) -> str:
        """What the stages of one ingestion hand to each other."""
        return f"{self.settings.staging_uri}/{upload_id}/{name}"

    def widening(self, database: str, table: str, name: str) -> str:
        """What the steps of a table's widening hand to each other; it is of no single upload."""
        return f"{self.settings.staging_uri}/{WIDENING}/{database}.{table}/{name}"

    def database(self, database: str) -> str:
        """The full Glue name of a database."""
        return names.full_database_name(database, env=self.settings.env)

    def table(self, database: str, table: str) -> str:
        """The root folder of a curated table."""
        return f"{self.settings.curated_uri}/{self.database(database)}/{table}/"

    def revision(self, key: PartitionKey, revision: str) -> str:
        """The folder of one derivation of a partition, with its slash: a Glue partition's Location."""
        return f"{self.partition(key)}rev={revision}/"

    def partition(self, key: PartitionKey) -> str:
        """The curated folder of a partition, whatever its revision."""
        return f"{self.table(key.database, key.table)}extraction_timestamp={key.extraction_timestamp}/"

    def is_revision(self, key: PartitionKey, location: str) -> bool:
        """Whether a location is the folder of a derivation of this partition, and so holds nothing but that."""
        folder = location.removeprefix(self.partition(key))
        return location != folder and folder.startswith("rev=") and folder.find("/") == len(folder) - 1

    def ap_table(self, database: str, table: str) -> str:
        """The root folder of a table on the Analytical Platform."""
        return f"{self.settings.analytical_platform_uri}/{self.database(database)}/{table}/"

    def ap_partition(self, key: PartitionKey) -> str:
        """The folder of a partition on the Analytical Platform, whatever its revision: the S3 path people are told."""
        return f"{self.ap_table(key.database, key.table)}extraction_timestamp={key.extraction_timestamp}/"

    def ap_revision(self, key: PartitionKey, revision: str) -> str:
        """The folder of one derivation on the Analytical Platform."""
        return f"{self.ap_partition(key)}rev={revision}/"
