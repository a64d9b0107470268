//! What all commands share.

use std::process::ExitCode;

use kernel::Mode;

/// Exit code for "could not run".
const COULD_NOT_RUN: u8 = 2;

/// Why a command could not even begin.
pub(crate) fn could_not_run(error: &str) -> ExitCode {
    tracing::error!("{error}");
    ExitCode::from(COULD_NOT_RUN)
}

/// Reads `live` or `test`.
pub(crate) fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| "live or test".to_owned())
}
