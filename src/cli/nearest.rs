//! Which known names are nearest to one that is not known.

/// The known names that the given one may have been meant for: those nearest to it, at most three.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= tolerance(name))
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.dedup_by_key(|(_, name)| *name);
    let least = near.first().map_or(0, |(distance, _)| *distance);
    let nearest = near.into_iter().filter(|(distance, _)| *distance == least);
    nearest.take(3).map(|(_, name)| name).collect()
}

/// `did you mean A, B or C?`, when there is anything near.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = nearest(wanted, known);
    let (last, others) = near.split_last()?;
    Some(if others.is_empty() {
        format!("did you mean {last}?")
    } else {
        format!("did you mean {} or {last}?", others.join(", "))
    })
}

/// How many letters may be wrong: about a third.
fn tolerance(name: &str) -> usize {
    (name.chars().count() / 3).max(1)
}

/// Letters to add, drop, replace or swap with their neighbour to come from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![vec![0; to.len() + 1]; from.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    rows[0] = (0..=to.len()).collect();
    for row in 1..=from.len() {
        for column in 1..=to.len() {
            let replace = usize::from(from[row - 1] != to[column - 1]);
            let mut least = (rows[row - 1][column] + 1)
                .min(rows[row][column - 1] + 1)
                .min(rows[row - 1][column - 1] + replace);
            let swapped = row > 1
                && column > 1
                && from[row - 1] == to[column - 2]
                && from[row - 2] == to[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = least;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let known = ["identity", "secrets", "other-identity", "seed", "strict"];
        assert_eq!(nearest("identiy", known), ["identity"]);
        assert_eq!(nearest("IDENTITY", known), ["identity"]);
        assert_eq!(nearest("sede", known), ["seed"]);
        assert_eq!(nearest("colour", known), Vec::<&str>::new());
        assert_eq!(
            did_you_mean("JWT-4", ["JWT-04", "JWT-14", "ENV-01"]).as_deref(),
            Some("did you mean JWT-04 or JWT-14?")
        );
        assert_eq!(did_you_mean("", known), None);
    }

    #[test]
    fn distances_count_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
