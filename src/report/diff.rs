//! Makes a diff's long lines short around what differs: a token's claims differ in one place out of three hundred letters.

/// A pair of lines is shortened when it shares more than this many characters in a row.
const LONG: usize = 64;
/// What is kept of a shared beginning or end on either side of the cut.
const KEPT: usize = 24;

/// The diff with its pairs of one removed and one added line shortened where they agree.
pub fn focus(diff: &str) -> String {
    let lines: Vec<&str> = diff.lines().collect();
    let mut focused = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        match is_pair(&lines, at) {
            true => {
                focused.extend(shorten(lines[at], lines[at + 1]));
                at += 2;
            }
            false => {
                focused.push(lines[at].to_owned());
                at += 1;
            }
        }
    }
    focused.join("\n")
}

/// Whether one line is replaced by one line here, rather than several by several.
fn is_pair(lines: &[&str], at: usize) -> bool {
    let sign = |at: usize| lines.get(at).and_then(|line| line.chars().next());
    let heading = |at: usize| {
        lines
            .get(at)
            .is_some_and(|line| line.starts_with("---") || line.starts_with("+++"))
    };
    sign(at) == Some('-')
        && sign(at + 1) == Some('+')
        && sign(at + 2) != Some('+')
        && (at == 0 || sign(at - 1) != Some('-'))
        && !heading(at)
        && !heading(at + 1)
}

fn shorten(removed: &str, added: &str) -> [String; 2] {
    let [removed_text, added_text] = [removed, added].map(|line| line.chars().collect::<Vec<_>>());
    // The sign in front differs always.
    let [removed_text, added_text] = [&removed_text[1..], &added_text[1..]];
    let before = shared(removed_text.iter(), added_text.iter());
    let most = removed_text.len().min(added_text.len()) - before;
    let after = shared(removed_text.iter().rev(), added_text.iter().rev()).min(most);
    [('-', removed_text), ('+', added_text)].map(|(sign, text)| {
        let mut short = String::from(sign);
        let (head, rest) = text.split_at(before);
        let (middle, tail) = rest.split_at(rest.len() - after);
        if head.len() > LONG {
            short.extend(&head[..KEPT]);
            short.push_str(" … ");
            short.extend(&head[head.len() - KEPT..]);
        } else {
            short.extend(head);
        }
        short.extend(middle);
        if tail.len() > LONG {
            short.extend(&tail[..KEPT]);
            short.push_str(" …");
        } else {
            short.extend(tail);
        }
        short
    })
}

fn shared<'a>(one: impl Iterator<Item = &'a char>, other: impl Iterator<Item = &'a char>) -> usize {
    one.zip(other)
        .take_while(|(one, other)| one == other)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_shortened_around_what_differs() {
        let (head, tail) = ("h".repeat(100), "t".repeat(100));
        let diff = format!("@@ -1 +1 @@\n same\n-{head}old{tail}\n+{head}new one{tail}\n same");
        let ends = |text: &str| text.repeat(KEPT);
        assert_eq!(
            focus(&diff),
            format!(
                "@@ -1 +1 @@\n same\n-{h} … {h}old{t} …\n+{h} … {h}new one{t} …\n same",
                h = ends("h"),
                t = ends("t")
            )
        );
    }

    #[test]
    fn what_is_short_or_no_pair_stays_as_it_is() {
        let long = "x".repeat(200);
        for diff in [
            "-a\n+b".to_owned(),
            "--- control\n+++ this request\n-a\n+b".to_owned(),
            format!("-{long}1\n-{long}2\n+{long}3"),
            format!("-{long}1\n+{long}2\n+{long}3"),
            format!("-{long}"),
            String::new(),
        ] {
            assert_eq!(focus(&diff), diff);
        }
    }

    #[test]
    fn a_line_that_only_repeats_itself_is_not_counted_twice() {
        assert_eq!(focus("-aaa\n+aaaaa"), "-aaa\n+aaaaa");
        let long = "x".repeat(200);
        let focused = focus(&format!("-{long}\n+{long}{long}"));
        assert!(focused.lines().all(|line| line.len() > 1), "{focused}");
    }
}
