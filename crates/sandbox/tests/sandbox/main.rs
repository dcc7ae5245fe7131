//! Steps and jobs on this machine, as root and as a plain user.
//!
//! Started again as the sandbox's helper by its own tests, which is why it has no usual harness.

mod audit;
mod cases;
mod harness;
mod machine;
mod outside;
mod probe;
mod remains;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // A script's first line passes everything after its interpreter as one argument.
    let arguments: Vec<String> = arguments
        .iter()
        .flat_map(|word| word.split(' '))
        .map(str::to_owned)
        .collect();
    if arguments.first().is_some_and(|word| word == probe::PROBE) {
        let names = arguments.get(1..).unwrap_or_default();
        probe::run(names);
        return;
    }
    if arguments == [outside::SERVE] {
        outside::serve();
        return;
    }
    wharf_sandbox::become_helper_if_asked(cases::run_job);
    if let [word, folder] = &arguments[..]
        && word == cases::basics::DIE
    {
        cases::basics::start_and_wait(folder);
    }
    harness::run(&cases::all());
}
