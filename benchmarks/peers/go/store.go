package main

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	connections = 16
	tries       = 5
)

//go:embed schema.sql
var schema string

//go:embed save.sql
var saveStatement string

type store struct{ pool *pgxpool.Pool }

func openStore(ctx context.Context, url string) (*store, error) {
	config, err := pgxpool.ParseConfig(url) // every statement is prepared once a connection, by default
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = connections, connections
	config.ConnConfig.RuntimeParams["statement_timeout"] = "500"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	// Without arguments it goes as one simple query, whose statements are one transaction.
	if _, err := pool.Exec(ctx, schema, pgx.QueryExecModeSimpleProtocol); err != nil {
		pool.Close()
		return nil, err
	}
	return &store{pool}, nil
}

func (s *store) close() { s.pool.Close() }

// save claims the user's window and stores the draft; where the window is held, it gives the draft that holds it.
func (s *store) save(ctx context.Context, r *createRequest) (*draft, bool, error) {
	saved := &draft{Version: 1}
	var isNew bool
	var id int64
	var createdAt time.Time
	for range tries {
		err := s.pool.QueryRow(ctx, saveStatement, r.UserID, r.Objective, r.StoreName, r.Industry, r.Address, time.Now().UTC(),
			window.Milliseconds()).Scan(&isNew, &id, &saved.UserID, &saved.Objective, &saved.StoreName, &saved.Industry, &saved.Address,
			&saved.Status, &createdAt)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		saved.ID = "draft-" + strconv.FormatInt(id, 10)
		saved.CreatedAt = createdAt.UTC().Format(timeFormat)
		return saved, isNew, nil
	}
	return nil, false, errors.New("the window changed hands all the time")
}
