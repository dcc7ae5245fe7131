//! wharf's own program file, and steps without a user namespace.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::both;
use crate::harness::Case;
use crate::machine::Machine;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "a_rootful_step_gets_no_new_privileges",
            as_root: true,
            as_user: false,
            run: rootful,
        },
        both(
            "wharfs_own_program_cannot_be_changed_from_a_step",
            own_program,
        ),
    ]
}

fn own_program(machine: &Machine) {
    let step = |snapshot: &str, guards: bool| {
        let mut step = machine.attack(snapshot, &[]);
        // The kernel runs what `/proc/self/exe` is at this moment: the helper's program.
        let layer = machine.layer("script", |folder| {
            let script = folder.join("script");
            fs::write(&script, "#!/proc/self/exe --probe hold_program\n").unwrap();
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        });
        step.root.lowers.insert(0, layer);
        step.argv = vec!["/script".to_owned()];
        step.guards_off.protect_program = !guards;
        step
    };
    let is_plain = !rustix::process::geteuid().is_root();
    let open = machine.run(&step("open", false));
    // As root the file's owner is nobody inside, with or without this guard.
    let expected = if is_plain { "done" } else { "EPERM" };
    assert_eq!(
        open.stdout,
        format!("change_program {expected}\n"),
        "{open:?}"
    );
    let closed = machine.run(&step("closed", true));
    let expected = if is_plain { "EROFS" } else { "EPERM" };
    assert_eq!(
        closed.stdout,
        format!("change_program {expected}\n"),
        "{closed:?}"
    );
}

fn rootful(machine: &Machine) {
    let other = Machine::beside(machine)
        .on_host(|host| host.without_user_namespaces().expect("root may do that"));
    let script = "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/self/uid_map; echo x > /made; \
                  mount -t tmpfs none /tmp";
    let told = other.run(&other.shell("s", script));
    let words: Vec<&str> = told.stdout.split_whitespace().collect();
    let expected = [
        "CapEff:",
        "00000000a80425fb",
        "NoNewPrivs:",
        "1",
        "Seccomp:",
        "2",
        "0",
        "0",
        "4294967295",
    ];
    assert_eq!(words, expected, "{told:?}");
    assert_ne!(told.exit.code, 0, "{told:?}");
    assert!(other.path("s/upper/made").exists());
    let changed = other.run(&{
        let mut step = other.attack("t", &[]);
        let layer = other.layer("script", |folder| {
            let script = folder.join("script");
            fs::write(&script, "#!/proc/self/exe --probe hold_program\n").unwrap();
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        });
        step.root.lowers.insert(0, layer);
        step.argv = vec!["/script".to_owned()];
        step
    });
    assert_eq!(changed.stdout, "change_program EROFS\n", "{changed:?}");
}
