//! Standard output whose reader may go away, and what a file or `-` stands for.

use std::io::{self, Read, Write};
use std::path::Path;

use super::usage::UsageError;

/// Writes text to standard output. A reader who went away (`acgw … | head`) has seen enough, and that is success.
///
/// # Errors
/// When the text cannot be written for any other reason.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UsageError::new(format!("standard output cannot be written: {error}")).into())
        }
        _ => Ok(()),
    }
}

/// Tells something on standard error; whether anybody reads it changes nothing.
pub fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Most bytes of a file that is read.
const MOST: u64 = 64 * 1024 * 1024;

/// Reads a file of text.
///
/// # Errors
/// When there is no such file, it cannot be read, is no UTF-8 or has no end within 64 MiB, as devices have none.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    let length = file.take(MOST + 1).read_to_string(&mut text)?;
    match length as u64 > MOST {
        true => Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is larger than 64 MiB",
        )),
        false => Ok(text),
    }
}

/// Reads a file, or standard input where the path is `-`.
///
/// # Errors
/// When there is no such file, it cannot be read or it is larger than what a callback can be.
pub fn read(path: &Path) -> Result<Vec<u8>, UsageError> {
    let mut bytes = Vec::new();
    let name = if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let read = if path == Path::new("-") {
        io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
    match read {
        Err(error) => Err(UsageError::new(format!("{name} cannot be read: {error}"))),
        Ok(_) if bytes.len() as u64 > MOST => Err(UsageError::new(format!(
            "{name} is larger than 64 MiB, which no callback is"
        ))),
        Ok(_) => Ok(bytes),
    }
}
