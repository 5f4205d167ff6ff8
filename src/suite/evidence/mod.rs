//! Evidence: exchanges written down for people, with nothing in it that must not be seen.

mod curl;
mod forms;
mod mask;
mod render;
mod repeat;

pub(crate) use curl::{Variables, curl};
pub(crate) use forms::Forms;
pub(crate) use mask::{Mask, replace_tokens};
pub(crate) use render::{diff, request, response};
pub(crate) use repeat::{check_again, repeat};
