//! Random actions over several nodes: users act, lose their connections and move between nodes. The state that each
//! derives from events equals a fresh snapshot of their node, a former member receives nothing, and a recalled text is
//! nowhere.

use std::{cell::Cell, time::Duration};

use proptest::{prelude::*, test_runner::TestRunner};
use protocol::ids::UserId;
use server::model::DatabaseUrl;
use sqlx::{Connection, PgConnection};
use tokio::runtime::{self, Runtime};

use crate::{
    cluster::{
        is_asked,
        random_action_checks::{recalled_texts_are_gone, received_as_members},
        rounds,
    },
    lying_bus::LyingBus,
    nodes_bus::join,
    resuming_client::ResumingClient,
    stage::{Stage, actor},
    test_server::TestServer,
    torture::{
        random_actions::{LOGINS, Player, PlayerAction, action},
        row,
    },
};

/// A user acts, after they moved to a node if there is one.
type PlayerStep = ((usize, PlayerAction), Option<usize>);

/// Runs random actions over this many nodes without a bus; how many actions there were.
pub(crate) fn run(nodes: usize, cases: u32, length: usize) -> usize {
    run_over(&runtime(), None, (nodes, cases, length))
}

/// The same over a bus that lies.
pub(crate) fn run_over_lies(nodes: usize, cases: u32, length: usize) -> usize {
    let runtime = runtime();
    let bus = runtime.block_on(LyingBus::start(nodes));
    run_over(&runtime, Some(&bus), (nodes, cases, length))
}

fn runtime() -> Runtime {
    runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn run_over(runtime: &Runtime, bus: Option<&LyingBus>, (nodes, cases, length): (usize, u32, usize)) -> usize {
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 12, ..ProptestConfig::default() };
    let moves = prop_oneof![5 => Just(None), 1 => (0..nodes).prop_map(Some)];
    let runs = proptest::collection::vec((action(), moves), 5..length);
    let actions = Cell::new(0);
    let outcome = TestRunner::new(config).run(&runs, |steps| {
        actions.set(actions.get() + steps.len());
        runtime.block_on(live(nodes, bus, steps)).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    actions.get()
}

#[test]
fn state_from_events_of_several_nodes_equals_a_fresh_snapshot() {
    if !is_asked() {
        return;
    }
    let cases = rounds(40);
    let each = u32::try_from(cases.div_ceil(2)).unwrap();
    let actions = run(3, each, 100) + run_over_lies(3, each, 100);
    row(
        &format!(
            "{cases} random runs of actions over three nodes, with windows that move; half of them over a bus that loses, \
             doubles, delays and shuffles frames"
        ),
        "state from events equals a fresh snapshot; former members receive nothing; recalled texts nowhere",
        &format!("{actions} actions of four users; always"),
    );
}

async fn live(nodes: usize, bus: Option<&LyingBus>, steps: Vec<PlayerStep>) -> Result<(), String> {
    let database = TestServer::get().new_database();
    let mut stages = Vec::new();
    for node in 0..nodes {
        let stage = Stage::node(&database).await;
        if let Some(bus) = bus {
            join(&stage, &database, bus.of(node)).await.unwrap();
        }
        stages.push(stage);
    }
    let outcome = play(&stages, &database, steps).await;
    for stage in stages {
        stage.messenger.close().await;
    }
    outcome
}

async fn play(stages: &[Stage], database: &DatabaseUrl, steps: Vec<PlayerStep>) -> Result<(), String> {
    let nodes = stages.len();
    let mut people = Vec::new();
    for login in LOGINS {
        people.push(stages[0].person(login, login).await);
    }
    for stage in stages {
        knows_everybody(stage, people[0].id).await;
    }
    let made = [0, 1, 2].map(|who: usize| people[who].id);
    let rooms = stages[0].messenger.rooms();
    let room = rooms.open_group(people[0].actor(), made[1..].to_vec(), None).await.unwrap();
    let (mut players, mut ids) = (Vec::new(), Vec::new());
    let mut at: Vec<usize> = (0..people.len()).map(|who| who % nodes).collect();
    for (who, person) in people.iter().enumerate() {
        players.push(Player::new(&stages[at[who]], &stages[at[who]].moved(person), room).await);
    }
    for ((who, action), moves) in steps {
        if let Some(node) = moves {
            at[who] = node;
            players[who].client.cut();
            players[who].client.person.address = stages[node].address;
            players[who].act(PlayerAction::Resume, &mut ids, &people).await;
        }
        players[who].act(action, &mut ids, &people).await;
    }
    for (player, node) in players.iter_mut().zip(at) {
        player.agree(&stages[node]).await?;
    }
    let clients: Vec<&ResumingClient> = players.iter().map(|player| &player.client).collect();
    let mut db = PgConnection::connect(database.secret()).await.unwrap();
    received_as_members(&mut db, &clients, &made).await?;
    recalled_texts_are_gone(&mut db, &clients).await
}

/// Waits until a node knows the new accounts.
async fn knows_everybody(stage: &Stage, me: UserId) {
    while stage.messenger.people().lobby(actor(me), None).await.unwrap().users.len() < LOGINS.len() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
