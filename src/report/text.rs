//! What every report does to text before it shows it: nothing a handler says may steer a terminal or break a document.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

/// The text on one line: control characters, line ends and characters that hide or reorder text appear as escapes.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// The text with its lines and tabs kept, and everything else as [`one_line`] does it. CR LF counts as a line end.
pub fn lines(text: &str) -> Cow<'_, str> {
    let keep = |character| matches!(character, '\n' | '\t');
    if text.contains("\r\n") {
        Cow::Owned(escape(&text.replace("\r\n", "\n"), keep).into_owned())
    } else {
        escape(text, keep)
    }
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let harmless = |character| keep(character) || !is_treacherous(character);
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            character if harmless(character) => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            character => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    Cow::Owned(shown)
}

/// Whether a character does something to a terminal, a line's direction or an XML parser instead of being seen.
fn is_treacherous(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The beginning of the text, at most so many bytes and lines, and how many bytes were left off.
pub fn cut(text: &str, most_bytes: usize, most_lines: usize) -> (&str, usize) {
    let mut end = boundary(text, most_bytes);
    if let Some((line_end, _)) = text[..end]
        .match_indices('\n')
        .nth(most_lines.saturating_sub(1))
    {
        end = line_end;
    }
    // A line end at the very end is not worth a note.
    let left_off = text[end..].trim_end_matches(['\r', '\n']).len();
    (text[..end].trim_end_matches(['\r', '\n']), left_off)
}

/// What is said behind text that was [`cut`]; nothing where nothing was left off.
pub fn left_off(bytes: usize) -> Option<String> {
    let more = count(bytes as u64, "byte");
    (bytes > 0).then(|| format!("… {more} more; the JSON report has all of it"))
}

/// The last place not behind this byte at which the text may be cut.
pub fn boundary(text: &str, at: usize) -> usize {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// Words broken into lines of at most `width` characters. A longer word, a path for example, gets a line of its own; one that
/// would not even fit on two is broken.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let fitting = |word| {
        let most = if pieces(word, 2 * width).len() > 1 {
            width
        } else {
            2 * width
        };
        pieces(word, most)
    };
    wrap_pieces(text.split_whitespace().flat_map(fitting), width)
}

/// Like [`wrap`], for pieces that are not to be broken whatever they contain.
pub fn wrap_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>, width: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in pieces {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            wrapped.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    if length > 0 || wrapped.is_empty() {
        wrapped.push(line);
    }
    wrapped
}

/// A line in pieces of so many characters; at least one piece.
pub fn pieces(line: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((end, _)) = rest.char_indices().nth(width) {
        let (piece, further) = rest.split_at(end);
        pieces.push(piece);
        rest = further;
    }
    if pieces.is_empty() || !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// A number with its thousands parted: `12,345`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut parted = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    parted
}

/// A number and its noun: `1 case`, `12 cases`.
pub fn count(value: u64, noun: &str) -> String {
    let ending = if value == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", number(value))
}

/// A time span as a person says it: `0.4 s`, `12 s`, `2 min 5 s`.
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let seconds = seconds.round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{} min", number(minutes)),
        (minutes, seconds) => format!("{} min {seconds} s", number(minutes)),
    }
}

/// The time of one exchange: `0.8 ms`, `12 ms`, `1.2 s`.
pub fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    match milliseconds {
        ..9.95 => format!("{milliseconds:.1} ms"),
        ..999.5 => format!("{milliseconds:.0} ms"),
        _ => span(duration),
    }
}

/// A time span in whole seconds, for figures that change while one looks at them.
pub fn whole(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{} min {seconds} s", number(minutes)),
    }
}

/// Where a requirement comes from, so that a reader finds it.
pub fn source(source: &str) -> String {
    match is_page(source) {
        true => format!("{SITE}, page {source}"),
        false => source.to_owned(),
    }
}

/// Where the documentation is.
pub const SITE: &str = "developer.acronis.com";

/// Whether a requirement comes from a page of the documentation, and this is its path.
pub fn is_page(source: &str) -> bool {
    source.contains('/') && !source.contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(
            one_line("a\u{1b}[31mb\r\n\tc\u{7}\u{9b}2J\u{202e}d\0"),
            "a\\u{1b}[31mb\\r\\n\\tc\\u{7}\\u{9b}2J\\u{202e}d\\u{0}"
        );
        assert_eq!(lines("a\r\nb\tc\rd\u{1b}e"), "a\nb\tc\\rd\\u{1b}e");
        assert_eq!(lines("x\u{feff}\u{fffe}"), "x\\u{feff}\\u{fffe}");
        assert!(matches!(one_line("Zoë ✓ 東京"), Cow::Borrowed(_)));
    }

    #[test]
    fn cutting_says_how_much_is_missing() {
        assert_eq!(cut("abcdef", 4, 10), ("abcd", 2));
        assert_eq!(cut("aéb", 2, 10), ("a", 3));
        assert_eq!(cut("a\nb\nc\n", 100, 2), ("a\nb", 2));
        assert_eq!(cut("a\nb\n", 100, 2), ("a\nb", 0));
        assert_eq!(cut("", 100, 2), ("", 0));
        assert_eq!(left_off(0), None);
        let told = left_off(1_200).expect("a note");
        assert_eq!(told, "… 1,200 bytes more; the JSON report has all of it");
    }

    #[test]
    fn words_are_wrapped_and_never_lost() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensible a", 9), ["incomprehensible", "a"]);
        assert_eq!(
            wrap("a incomprehensible b", 5),
            ["a", "incom", "prehe", "nsibl", "e b"]
        );
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn lines_are_broken_into_pieces() {
        assert_eq!(pieces("", 2), [""]);
        assert_eq!(pieces("ab", 2), ["ab"]);
        assert_eq!(pieces("aébc東", 2), ["aé", "bc", "東"]);
    }

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "case"), "1 case");
        assert_eq!(span(Duration::from_millis(449)), "0.4 s");
        assert_eq!(span(Duration::from_millis(9_960)), "10 s");
        assert_eq!(span(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(span(Duration::from_secs(120)), "2 min");
        assert_eq!(milliseconds(Duration::from_micros(840)), "0.8 ms");
        assert_eq!(milliseconds(Duration::from_micros(9_960)), "10 ms");
        assert_eq!(milliseconds(Duration::from_millis(1_240)), "1.2 s");
    }
}
