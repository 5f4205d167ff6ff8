//! Hostile strings.

use std::sync::LazyLock;

/// A string that has broken programs before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hostile {
    /// Says what it is, in printable ASCII; no two share a name.
    pub name: &'static str,
    /// The string.
    pub value: String,
    /// What it aims at.
    pub kind: Kind,
}

/// What a hostile string aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Names that a language gives a meaning of its own.
    Internals,
    /// Languages that a value may be pasted into: queries, templates, paths, formats, markup.
    Injection,
    /// Characters that are easily mistaken or lost.
    Characters,
    /// Lengths and look-alikes of other types.
    Shapes,
}

/// All of them, the most telling of each kind first.
pub fn strings() -> &'static [Hostile] {
    static STRINGS: LazyLock<Vec<Hostile>> = LazyLock::new(|| {
        let texts = [
            (Kind::Internals, INTERNALS),
            (Kind::Injection, INJECTION),
            (Kind::Characters, CHARACTERS),
            (Kind::Shapes, SHAPES),
        ];
        let fixed = texts.into_iter().flat_map(|(kind, texts)| {
            texts.iter().map(move |(name, value)| Hostile {
                name,
                value: (*value).to_owned(),
                kind,
            })
        });
        let long = [
            ("64 KiB of one letter", "a".repeat(65_536)),
            (
                "a letter with 1,000 accents",
                format!("e{}", "\u{301}".repeat(1_000)),
            ),
            ("64 KiB of four-byte characters", "\u{1f600}".repeat(16_384)),
            ("10,000 dots", ".".repeat(10_000)),
            ("10,000 opening brackets", "[".repeat(10_000)),
        ];
        let long = long.into_iter().map(|(name, value)| Hostile {
            name,
            value,
            kind: Kind::Shapes,
        });
        fixed.chain(long).collect()
    });
    &STRINGS
}

const INTERNALS: &[(&str, &str)] = &[
    ("__proto__", "__proto__"),
    ("constructor", "constructor"),
    ("toString", "toString"),
    ("hasOwnProperty", "hasOwnProperty"),
    ("prototype", "prototype"),
    ("__class__", "__class__"),
    ("__init__", "__init__"),
    ("valueOf", "valueOf"),
    ("__defineGetter__", "__defineGetter__"),
    ("length", "length"),
    ("then", "then"),
    ("__dict__", "__dict__"),
    ("__wakeup", "__wakeup"),
    ("__destruct", "__destruct"),
    ("class.module.classLoader", "class.module.classLoader"),
    ("java.lang.Object", "java.lang.Object"),
    ("java.lang.Runtime", "java.lang.Runtime"),
    ("phpinfo", "phpinfo"),
    ("GLOBALS", "GLOBALS"),
    ("$this", "$this"),
    ("a serialised PHP object", "O:8:\"stdClass\":0:{}"),
    ("self", "self"),
    ("eval", "eval"),
    ("None", "None"),
    ("null", "null"),
    ("nil", "nil"),
    ("undefined", "undefined"),
    ("NaN", "NaN"),
    ("true", "true"),
    ("false", "false"),
];

const INJECTION: &[(&str, &str)] = &[
    ("SQL quote", "'"),
    ("SQL always true", "' OR '1'='1"),
    ("SQL drop", "'; DROP TABLE tenants; --"),
    ("SQL union", "' UNION SELECT NULL, NULL --"),
    ("SQL comment", "x'/*"),
    ("SQL double quote", "\" OR \"\"=\""),
    ("SQL wildcard", "%"),
    ("SQL backslash", "\\'"),
    ("NoSQL operator", "{\"$gt\": \"\"}"),
    ("NoSQL script", "'; return true; var a='"),
    ("template in braces", "{{7*7}}"),
    ("template in dollar braces", "${7*7}"),
    ("template in hash braces", "#{7*7}"),
    ("template in percent tags", "<%= 7*7 %>"),
    ("JNDI look-up", "${jndi:ldap://acgw.invalid/x}"),
    ("JNDI look-up on loopback", "${jndi:ldap://127.0.0.1:1/x}"),
    ("path upwards", "../../../../etc/passwd"),
    ("path upwards with NUL", "../../../../etc/passwd\0.json"),
    ("path upwards, Windows", "..\\..\\..\\windows\\win.ini"),
    ("file URL", "file:///etc/passwd"),
    ("Windows device", "CON"),
    ("shell command", "$(sleep 0)"),
    ("shell backticks", "`sleep 0`"),
    ("shell separator", "; sleep 0 #"),
    ("format %s", "%s%s%s%n"),
    ("format {0}", "{0}{1}{}"),
    ("format {0.__class__}", "{0.__class__.__init__.__globals__}"),
    ("format %(x)s", "%(acgw)s"),
    ("script tag", "<script>alert(1)</script>"),
    (
        "XML entity",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
    ),
    ("LDAP filter", "*)(uid=*"),
    ("XPath", "' or count(/*)=1 or ''='"),
    ("CR LF and a header", "x\r\nX-Acgw-Injected: 1"),
    ("regular expression", "(a+)+$"),
    ("bad regular expression", "[(*"),
    ("bad percent encoding", "%zz%"),
    ("percent-encoded NUL", "%00"),
    ("spreadsheet formula", "=1+1"),
];

const CHARACTERS: &[(&str, &str)] = &[
    ("NUL", "a\0b"),
    ("only NUL", "\0"),
    ("CR LF", "a\r\nb"),
    (
        "control characters",
        "\u{1}\u{2}\u{7}\u{8}\u{b}\u{c}\u{1b}[31m\u{7f}\u{85}",
    ),
    ("emoji", "\u{1f600}"),
    (
        "emoji joined",
        "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{1f3fd}",
    ),
    ("right-to-left override", "\u{202e}txt.exe"),
    ("right-to-left letters", "\u{5d0}\u{5d1}\u{627}\u{628}"),
    ("combining accents", "e\u{301}a\u{30a}\u{327}"),
    ("composed and decomposed", "\u{e9}e\u{301}"),
    (
        "no-break and zero-width spaces",
        "\u{a0}\u{200b}\u{feff}\u{2060}",
    ),
    ("line and paragraph separators", "\u{2028}\u{2029}"),
    ("noncharacters", "\u{fffe}\u{ffff}\u{10ffff}"),
    ("replacement character", "\u{fffd}"),
    (
        "letters that change length with case",
        "\u{130}\u{df}\u{fb01}\u{1e9e}\u{149}",
    ),
    ("digits of other scripts", "\u{661}\u{662}\u{663}"),
    ("full-width letters", "\u{ff41}\u{ff42}\u{ff43}"),
    (
        "Chinese, Japanese and Korean",
        "\u{6f22}\u{5b57}\u{304b}\u{306a}\u{d55c}\u{ae00}",
    ),
    ("quotes and backslashes", "\"'\\\\\"'`"),
    ("backslash at the end", "a\\"),
];

const SHAPES: &[(&str, &str)] = &[
    ("empty string", ""),
    ("one blank", " "),
    ("blanks around", " a "),
    ("0 as text", "0"),
    ("-1 as text", "-1"),
    ("1e999 as text", "1e999"),
    ("1e308 as text", "1e308"),
    ("9007199254740993 as text", "9007199254740993"),
    ("99999999999999999999 as text", "99999999999999999999"),
    ("0x1F as text", "0x1F"),
    ("1/0 as text", "1/0"),
    ("Infinity as text", "Infinity"),
    ("[] as text", "[]"),
    ("{} as text", "{}"),
    ("magic hash", "0e462097431906509019562988736854"),
    ("date before all", "-9999-01-01T00:00:00Z"),
    ("cti. alone", "cti."),
    ("CTI with a wildcard", "cti.a.p.*"),
    ("CTI with a query", "cti.a.p.acgw.callback.v1.0[name=\"x\"]"),
];
