mod verifier;

/// Reads tokens, one a line; answers each by its claims, or by a line that begins with `refused`.
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let verifier = verifier::Verifier::new(&arguments[1], &arguments[2], &arguments[3]);
    for line in std::io::stdin().lines() {
        match verifier.verify(&line.expect("a line")) {
            Ok(claims) => println!("{}", serde_json::Value::Object(claims)),
            Err(error) => println!("refused {error}"),
        }
    }
}
