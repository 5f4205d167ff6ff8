//! Recordings of traffic: written as exchanges pass, with secrets and tokens masked, and read to be sent again.
//!
//! JSON Lines: a header line that names the format, then a line for each exchange. Its schema is
//! `schemas/recording.schema.json`.
//!
//! ```json
//! {"format":"acgw-recording/1","tool":{"name":"acgw","version":"0.1.0"},"upstream":"http://127.0.0.1:8080/callback","started_at":"…"}
//! {"number":1,"at":"…","callback":"topology.read","duration_ms":1.4,"request":{"method":"POST",…},"response":{"status":200,…}}
//! ```

mod form;
mod read;
mod secrets;
mod write;

pub(crate) use read::is_hidden;
pub use read::{RecordedRequest, Recording, RecordingError};
pub(crate) use write::Recorder;
